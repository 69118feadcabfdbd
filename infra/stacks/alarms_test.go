package stacks

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
)

// alarmsIn returns the alarms of a stack, by name.
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

// Each region has its alarms. Only the home has those for failing sweeps and
// notices, and for late replication, and only the first region those of streams.
func TestAlarms(t *testing.T) {
	everywhere := []string{
		"keyward-api-errors", "keyward-authorizer-crashes", "keyward-authorizer-slow", "keyward-authorizer-throttles", "keyward-failures",
		"keyward-kms-failures", "keyward-refusals", "keyward-table-errors-batchgetitem", "keyward-table-errors-query",
		"keyward-table-errors-transactwriteitems", "keyward-table-read-throttles", "keyward-table-write-throttles",
	}
	home := append(slices.Clone(everywhere), "keyward-replication-ap-southeast-2", "keyward-replication-eu-central-1", "keyward-sweep-errors", "keyward-notices-errors")
	first := append(slices.Clone(everywhere), "keyward-dead-letters-publish-events", "keyward-late-publish-events", "keyward-dead-letters-record-usage", "keyward-late-record-usage")
	for stack, want := range map[string][]string{"keyward-eu-central-1": first, "keyward-us-east-1": home, "keyward-ap-southeast-2": everywhere} {
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

// The documents say how many alarms there are, because each costs something.
func TestAlarmsAreCounted(t *testing.T) {
	count := func(settings plan.Settings) (alarms int) {
		for _, region := range settings.Regions {
			alarms += len(alarmsIn(t, settings, "keyward-"+region))
		}
		return alarms
	}
	alone := count(one())
	further := (count(three()) - alone) / 2
	for file, says := range map[string]string{
		"../../README.md": fmt.Sprintf("while nobody calls: three KMS keys and %d alarms; each further region adds three keys and %d alarms", alone, further),
		"../README.md":    fmt.Sprintf("ten are free for each account. A deployment in one region has %d, which cost %.2f to %.2f USD. Each further region adds %d,", alone, float64(alone-10)/10, float64(alone)/10, further),
	} {
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), says) {
			t.Errorf("%s does not say %q: %v", file, says, err)
		}
	}
}

// Every alarm treats missing data as good and says what to do. It notifies the
// topic of its own region when it starts and when it ends; without a topic, it
// notifies nobody.
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

// Alarms use metrics that exist: those of Keyward are written by the authorizer,
// with its one dimension, or taken from its log by a filter.
func TestAlarmsLookAtWhatIsSent(t *testing.T) {
	writes, err := os.ReadFile("../../authorizer/metrics/emf.go")
	if err != nil {
		t.Fatal(err)
	}
	sent := string(writes)
	for _, part := range []string{`namespace = "Keyward"`, `dimension = "FunctionName"`} {
		if !strings.Contains(sent, part) {
			t.Errorf("the authorizer has another %s", part)
		}
	}
	silent := plan.Defaults()
	silent.Metrics = false
	for _, test := range []struct {
		settings plan.Settings
		own      []string
	}{
		{plan.Defaults(), []string{"Failure", "KMSFailures", "Refusals", "keyward-authorizer-crashes"}},
		{silent, []string{"keyward-authorizer-crashes", "keyward-authorizer-failures"}},
	} {
		filtered, own := filteredIn(t, test.settings), []string(nil)
		for name, alarm := range alarmsIn(t, test.settings, "keyward-regional") {
			if alarm["Namespace"] != "Keyward" {
				continue
			}
			metric := alarm["MetricName"].(string)
			own = append(own, metric)
			dimensions, _ := json.Marshal(alarm["Dimensions"])
			switch {
			case filtered[metric] != nil && alarm["Dimensions"] == nil:
			case strings.Contains(sent, `count("`+metric+`"`) && string(dimensions) == `[{"Name":"FunctionName","Value":"keyward-authorizer"}]`:
			default:
				t.Errorf("%s looks at %s %s, which nobody sends", name, metric, dimensions)
			}
		}
		if slices.Sort(own); !slices.Equal(own, test.own) {
			t.Errorf("alarms of %v, want %v", own, test.own)
		}
	}
}

// filteredIn returns the filter patterns for the metrics from the log of a
// region's authorizer.
func filteredIn(t *testing.T, settings plan.Settings) map[string]any {
	t.Helper()
	filtered := map[string]any{}
	for _, r := range deployed(t, settings) {
		if r.Type != "AWS::Logs::MetricFilter" {
			continue
		}
		if log, _ := json.Marshal(r.Properties["LogGroupName"]); !strings.HasPrefix(string(log), `{"Ref":"AuthorizerLogs`) {
			t.Errorf("a filter reads %s", log)
		}
		for _, made := range r.Properties["MetricTransformations"].([]any) {
			made := made.(map[string]any)
			if made["MetricNamespace"] != "Keyward" || made["MetricValue"] != "1" {
				t.Errorf("a filter makes %v", made)
			}
			filtered[made["MetricName"].(string)] = r.Properties["FilterPattern"]
		}
	}
	return filtered
}

// Lambda counts a refused key as an error of the authorizer, so no alarm uses
// that metric.
func TestRefusalsAreNoErrors(t *testing.T) {
	for name, alarm := range alarmsIn(t, full(), "keyward-us-east-1") {
		if text, _ := json.Marshal(alarm["Dimensions"]); alarm["MetricName"] == "Errors" && strings.Contains(string(text), "authorizer") {
			t.Errorf("%s counts every 401", name)
		}
	}
}

// The filters match lines that really occur: Lambda's own, as in its
// documentation, and the authorizer's.
func TestFiltersFindLines(t *testing.T) {
	fails, err := os.ReadFile("../../authorizer/gateway/gateway.go")
	if err != nil {
		t.Fatal(err)
	}
	if want := `LevelError, "no answer was found"`; !strings.Contains(string(fails), want) || failures.pattern != `{ $.msg = "no answer was found" }` {
		t.Errorf("the filter looks for %s, and the authorizer does not write it", failures.pattern)
	}
	for _, line := range []string{
		"2026-11-28T09:00:00.000Z 7f8e Task timed out after 3.00 seconds",
		"RequestId: 7f8e Error: Runtime exited with error: exit status 2\nRuntime.ExitError",
	} {
		if !regexp.MustCompile(strings.Join(regexp.MustCompile(`[^?"]+[^?" ]`).FindAllString(crashes.pattern, -1), "|")).MatchString(line) {
			t.Errorf("%s does not find %s", crashes.pattern, line)
		}
	}
}
