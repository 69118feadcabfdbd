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

// dashboard returns a region's dashboard, as CloudWatch parses it.
func dashboard(t *testing.T, settings plan.Settings, stack string) (widgets []struct {
	X, Y, Width, Height int
	Properties          struct {
		Title, Region string
		Metrics       [][]any
	}
}) {
	t.Helper()
	text, _ := deployed(t, settings)[stack+"/Dashboard"].Properties["DashboardBody"].(string)
	var body struct {
		Widgets json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body.Widgets, &widgets); err != nil {
		t.Fatal(err)
	}
	return widgets
}

// A dashboard shows decisions, refusals, memory, times, the API, throttles, and
// at home the replication, in the first region the streams. No two graphs overlap, each is for the region, and
// every authorizer metric exists, by itself or from the log.
func TestDashboard(t *testing.T) {
	sent, err := os.ReadFile("../../authorizer/metrics/emf.go")
	if err != nil {
		t.Fatal(err)
	}
	for stack, want := range map[string]int{"keyward-us-east-1": 9, "keyward-eu-central-1": 9, "keyward-ap-southeast-2": 8} {
		widgets, places := dashboard(t, full(), stack), map[[2]int]bool{}
		for _, w := range widgets {
			places[[2]int{w.X, w.Y}] = true
			if w.X%graphWidth != 0 || w.X+w.Width > 24 || w.Y%graphHeight != 0 || "keyward-"+w.Properties.Region != stack || len(w.Properties.Metrics) == 0 {
				t.Errorf("%s: %+v", stack, w)
			}
			for _, m := range w.Properties.Metrics {
				if m[0] == "Keyward" && filteredIn(t, full())[m[1].(string)] == nil && !strings.Contains(string(sent), `("`+m[1].(string)+`"`) {
					t.Errorf("%s: nobody sends %s", w.Properties.Title, m[1])
				}
			}
		}
		if len(widgets) != want || len(places) != want {
			t.Errorf("%s: %d graphs in %d places, want %d", stack, len(widgets), len(places), want)
		}
	}
}

// The dashboard and the firewall are optional: the first is on by default, the
// second is not.
func TestSwitches(t *testing.T) {
	off := plan.Defaults()
	off.Dashboard = false
	for name, test := range map[string]struct {
		settings            plan.Settings
		dashboard, firewall int
	}{
		"defaults": {plan.Defaults(), 1, 0}, "off": {off, 0, 0}, "full": {full(), 3, 3},
	} {
		count := map[string]int{}
		for _, r := range deployed(t, test.settings) {
			count[r.Type]++
		}
		if count["AWS::CloudWatch::Dashboard"] != test.dashboard || count["AWS::WAFv2::WebACL"] != test.firewall || count["AWS::WAFv2::WebACLAssociation"] != test.firewall {
			t.Errorf("%s: %v", name, count)
		}
	}
}

// The firewall is in front of the API's stage and has three counted rules. It
// keeps no samples of requests, because they contain keys. If somebody turns on
// its log, no key is in it.
func TestFirewall(t *testing.T) {
	all := deployed(t, full())
	acl, _ := json.Marshal(all["keyward-us-east-1/Firewall"].Properties)
	text := string(acl)
	for part, n := range map[string]int{
		`"SampledRequestsEnabled":false`: 4, `"CloudWatchMetricsEnabled":true`: 4, `"Limit":2000`: 1, `"AggregateKeyType":"IP"`: 1,
		`"Name":"AWSManagedRulesCommonRuleSet"`: 2, `"Name":"AWSManagedRulesKnownBadInputsRuleSet"`: 2, `"Scope":"REGIONAL"`: 1,
		`{"Action":"SUBSTITUTION","Field":{"FieldKeys":["authorization"],"FieldType":"SINGLE_HEADER"}}`: 1,
	} {
		if got := strings.Count(text, part); got != n {
			t.Errorf("%s stands there %d times, want %d: %s", part, got, n, text)
		}
	}
	association := all["keyward-us-east-1/FirewallAssociation"]
	place, _ := json.Marshal(association.Properties["ResourceArn"])
	if !strings.Contains(string(place), "arn:aws:apigateway:us-east-1::/restapis/") || !strings.Contains(string(place), "/stages/live") || association.DependsOn == nil {
		t.Errorf("it stands before %s, after %v", place, association.DependsOn)
	}
}

// No metric of the firewall has a name that AWS WAF reserves or refuses.
func TestFirewallMetrics(t *testing.T) {
	acl, _ := json.Marshal(deployed(t, full())["keyward-us-east-1/Firewall"].Properties)
	names := regexp.MustCompile(`"MetricName":"([^"]*)"`).FindAllStringSubmatch(string(acl), -1)
	if len(names) != 4 {
		t.Errorf("%d metrics, want the firewall's and one for each of three rules", len(names))
	}
	for _, name := range names {
		if slices.Contains([]string{"All", "Default_Action"}, name[1]) || !regexp.MustCompile(`^[\w#:./-]{1,128}$`).MatchString(name[1]) {
			t.Errorf("AWS WAF refuses the metric name %q", name[1])
		}
	}
}
