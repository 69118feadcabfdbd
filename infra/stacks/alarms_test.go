package stacks

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
)

// alarmsIn are the alarms of a stack, by their names.
func alarmsIn(t *testing.T, settings plan.Settings, stack string) map[string]map[string]any {
	t.Helper()
	alarms := map[string]map[string]any{}
	for id, r := range deployed(t, settings) {
		if name, _ := r.Properties["AlarmName"].(string); r.Type == "AWS::CloudWatch::Alarm" && strings.HasPrefix(id, stack+"/") {
			alarms[name] = r.Properties
		}
	}
	return alarms
}

// Each region has its alarms; that the sweep fails, and that changes arrive late
// elsewhere, is known at home alone.
func TestAlarms(t *testing.T) {
	everywhere := []string{
		"keyward-api-errors", "keyward-authorizer-errors", "keyward-authorizer-slow", "keyward-authorizer-throttles", "keyward-failures",
		"keyward-kms-failures", "keyward-refusals", "keyward-table-errors-batchgetitem", "keyward-table-errors-query",
		"keyward-table-errors-transactwriteitems", "keyward-table-read-throttles", "keyward-table-write-throttles",
	}
	home := append(slices.Clone(everywhere), "keyward-replication-ap-southeast-2", "keyward-replication-eu-central-1", "keyward-sweep-errors")
	for stack, want := range map[string][]string{"keyward-eu-central-1": everywhere, "keyward-us-east-1": home} {
		var names []string
		for name := range alarmsIn(t, full(), stack) {
			names = append(names, name)
		}
		slices.Sort(names)
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("%s has %v, want %v", stack, names, want)
		}
	}
}

// Every alarm takes what is missing for good, says what to do, and tells the
// topic of its own region, when it begins and when it is over; without a topic it
// tells nobody.
func TestAlarmsTell(t *testing.T) {
	runbook, err := os.ReadFile("../RUNBOOK.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, alarm := range alarmsIn(t, full(), "keyward-us-east-1") {
		if alarm["TreatMissingData"] != "notBreaching" {
			t.Errorf("%s takes what is missing for %v", name, alarm["TreatMissingData"])
		}
		short := strings.TrimPrefix(name, "keyward-")
		if !strings.HasSuffix(alarm["AlarmDescription"].(string), ". What to do: infra/RUNBOOK.md, Alarms, "+short) {
			t.Errorf("%s says %q", name, alarm["AlarmDescription"])
		}
		if row := strings.Replace(short, strings.TrimPrefix(short, "replication-"), "REGION", 1); strings.HasPrefix(short, "replication-") {
			short = row
		}
		if !strings.Contains(string(runbook), "`"+short+"`") {
			t.Errorf("the runbook does not say what to do about %s", short)
		}
		for _, actions := range []string{"AlarmActions", "OKActions"} {
			if text, _ := json.Marshal(alarm[actions]); string(text) != `["arn:aws:sns:us-east-1:123456789012:alarms"]` {
				t.Errorf("%s: %s are %s", name, actions, text)
			}
		}
	}
	for name, alarm := range alarmsIn(t, plan.Defaults(), "keyward-regional") {
		if alarm["AlarmActions"] != nil || alarm["OKActions"] != nil {
			t.Errorf("%s tells somebody: %v", name, alarm)
		}
	}
}

// Alarms look at what is sent: Keyward's own metrics are those that the
// authorizer writes, with its one dimension.
func TestAlarmsLookAtWhatIsSent(t *testing.T) {
	writes, err := os.ReadFile("../../authorizer/metrics/emf.go")
	if err != nil {
		t.Fatal(err)
	}
	sent := string(writes)
	seen := regexp.MustCompile(`(?:count|spread)\("(\w+)"`).FindAllStringSubmatch(sent, -1)
	if len(seen) < 6 {
		t.Fatalf("the authorizer sends %v only", seen)
	}
	own := 0
	for name, alarm := range alarmsIn(t, plan.Defaults(), "keyward-regional") {
		if alarm["Namespace"] != "Keyward" {
			continue
		}
		own++
		if metric := alarm["MetricName"].(string); !strings.Contains(sent, `count("`+metric+`"`) {
			t.Errorf("%s looks at %s, which nobody sends", name, metric)
		}
		if text, _ := json.Marshal(alarm["Dimensions"]); string(text) != `[{"Name":"FunctionName","Value":"keyward-authorizer"}]` {
			t.Errorf("%s looks at %s", name, text)
		}
	}
	if own != 3 {
		t.Errorf("%d alarms of what the authorizer sends", own)
	}
	for _, part := range []string{`namespace = "Keyward"`, `dimension = "FunctionName"`} {
		if !strings.Contains(sent, part) {
			t.Errorf("the authorizer has another %s", part)
		}
	}
}
