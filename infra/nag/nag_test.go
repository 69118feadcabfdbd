package nag

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

const report = `{"lines":[
	{"ruleId":"AwsSolutions-A","resourceId":"s/Good","compliance":"Compliant","exceptionReason":"N/A"},
	{"ruleId":"AwsSolutions-A","resourceId":"s/Other","compliance":"N/A","exceptionReason":"N/A"},
	{"ruleId":"AwsSolutions-A","resourceId":"s/Bad","compliance":"Non-Compliant","exceptionReason":"N/A","ruleInfo":"It is open."},
	{"ruleId":"AwsSolutions-B","resourceId":"s/Bad","compliance":"UNKNOWN","exceptionReason":"N/A","ruleInfo":"It failed."},
	{"ruleId":"AwsSolutions-A","resourceId":"s/Told","compliance":"Suppressed","exceptionReason":"It is public."},
	{"ruleId":"AwsSolutions-B","resourceId":"s/Told","compliance":"Suppressed","exceptionReason":""}
]}`

const template = `{"Resources":{
	"Told":{"Metadata":{"aws:cdk:path":"s/Told","cdk_nag":{"rules_to_suppress":[{"id":"AwsSolutions-A","reason":"It is public."},{"id":"AwsSolutions-B","reason":""}]}}},
	"Good":{"Metadata":{"aws:cdk:path":"s/Good","cdk_nag":{"rules_to_suppress":[{"id":"AwsSolutions-A","reason":"It was open once."}]}}},
	"Plain":{}
}}`

func write(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// Faults are rules that are broken or unchecked without a reason, and reasons
// without need. A rule that holds or is explained is no fault.
func TestFaults(t *testing.T) {
	got, err := Faults(write(t, map[string]string{"AwsSolutions--s-NagReport.json": report, "s.template.json": template}))
	want := []string{
		"s/Bad: AwsSolutions-A: Non-Compliant: It is open.",
		"s/Bad: AwsSolutions-B: UNKNOWN: It failed.",
		"s/Good: AwsSolutions-A is explained, but holds",
		"s/Told: AwsSolutions-B is left out without a reason",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("faults %q, %v", got, err)
	}
}

// A folder without findings, or an unreadable one, is an error and not a good
// result.
func TestNothingIsNotGood(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"empty":       {},
		"no report":   {"s.template.json": template},
		"no template": {"AwsSolutions--s-NagReport.json": report},
		"no JSON":     {"AwsSolutions--s-NagReport.json": report, "s.template.json": "{"},
	} {
		if faults, err := Faults(write(t, files)); err == nil {
			t.Errorf("%s: %q", name, faults)
		}
	}
}
