package plan

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

var testKeyIDs = map[string]string{
	"tables":  "mrk-11111111111111111111111111111111",
	"peppers": "mrk-22222222222222222222222222222222",
	"secrets": "mrk-33333333333333333333333333333333",
}

// valid returns a deployment to two regions, as in infra/cdk.json.
func valid() map[string]any {
	ids := map[string]any{}
	for purpose, id := range testKeyIDs {
		ids[purpose] = id
	}
	return map[string]any{
		"account": "123456789012", "regions": []any{"eu-central-1", "us-east-1"}, "keyIds": ids,
		"domain": "example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ",
		"guardedApis": []any{map[string]any{"account": "210987654321", "region": "us-east-1", "api": "abc123", "kind": "http"}},
	}
}

// Each bad change of a valid deployment to several regions gives one fault,
// which names the setting.
func TestDeploymentFaults(t *testing.T) {
	if _, err := ParseSettings(valid()); err != nil {
		t.Fatal(err)
	}
	api := func(name, value string) []any {
		member := map[string]any{"account": "210987654321", "region": "us-east-1", "api": "abc123", "kind": "http"}
		member[name] = value
		return []any{member}
	}
	for name, change := range map[string]map[string]any{
		"a region twice":                      {"regions": []any{"eu-central-1", "us-east-1", "us-east-1"}},
		"a home outside":                      {"home": "eu-west-1"},
		"another partition":                   {"regions": []any{"eu-central-1", "us-east-1", "cn-north-1"}},
		"a government's":                      {"regions": []any{"eu-central-1", "us-east-1", "us-gov-west-1"}},
		"no account":                          {"account": ""},
		"an account that is none":             {"account": "1234"},
		"a TTL too long":                      {"cacheTtlSeconds": 301.0},
		"a TTL that is text":                  {"cacheTtlSeconds": "5"},
		"an unknown setting":                  {"replicas": []any{}},
		"a domain without a zone":             {"hostedZoneId": ""},
		"a zone without a domain":             {"domain": ""},
		"a zone's name":                       {"hostedZoneId": "example.com"},
		"a domain too long for a certificate": {"domain": strings.Repeat("a", 57) + ".com"},
		"an unknown routing":                  {"routing": "nearest"},
		"a key's alias":                       {"keyIds": map[string]any{"tables": "alias/a", "peppers": testKeyIDs["peppers"], "secrets": testKeyIDs["secrets"]}},
		"a key of one region":                 {"keyIds": map[string]any{"tables": strings.TrimPrefix(testKeyIDs["tables"], "mrk-"), "peppers": testKeyIDs["peppers"], "secrets": testKeyIDs["secrets"]}},
		"a key too few":                       {"keyIds": map[string]any{"tables": testKeyIDs["tables"], "peppers": testKeyIDs["peppers"]}},
		"a key too many":                      {"keyIds": map[string]any{"tables": testKeyIDs["tables"], "peppers": testKeyIDs["peppers"], "secrets": testKeyIDs["secrets"], "logs": "mrk-"}},
		"an API of nobody":                    {"guardedApis": api("account", "")},
		"an API elsewhere":                    {"guardedApis": api("region", "eu-west-1")},
		"an API of no region":                 {"guardedApis": api("region", "")},
		"every API":                           {"guardedApis": api("api", "*")},
		"an unknown kind":                     {"guardedApis": api("kind", "soap")},
		"an unknown member":                   {"guardedApis": api("Stage", "live")},
		"an API twice":                        {"guardedApis": append(api("kind", "http"), api("kind", "http")...)},
	} {
		raw := valid()
		maps.Copy(raw, change)
		_, err := ParseSettings(raw)
		setting := slices.Collect(maps.Keys(change))[0]
		if setting == "domain" && change["domain"] == "" {
			setting = "hostedZoneId"
		}
		if err == nil || !strings.HasPrefix(err.Error(), setting) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want one fault that begins with %s", name, err, setting)
		}
	}
}

// Failover needs exactly two regions, and names that exist.
func TestFailover(t *testing.T) {
	for name, test := range map[string]struct {
		change map[string]any
		good   bool
	}{
		"two regions":   {nil, true},
		"three":         {map[string]any{"regions": []any{"eu-central-1", "us-east-1", "us-west-2"}}, false},
		"one":           {map[string]any{"regions": []any{"us-east-1"}}, false},
		"unnamed":       {map[string]any{"hostedZoneId": "none"}, false},
		"a second home": {map[string]any{"home": "us-east-1"}, true},
	} {
		raw := valid()
		raw["routing"] = "failover"
		maps.Copy(raw, test.change)
		_, err := ParseSettings(raw)
		if (err == nil) != test.good || err != nil && !strings.HasPrefix(err.Error(), "routing: failover") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// When the home moves, the region that writes moves with it; the primary stays.
// A single region that the credentials decide is its own home.
func TestHome(t *testing.T) {
	whoami, _ := operations.Find("whoami")
	for name, test := range map[string]struct {
		settings             Settings
		primary, home, reads string
	}{
		"one, unnamed": {Settings{}, "", "", "x"},
		"two":          {Settings{Regions: []string{"a", "b"}}, "a", "a", "x"},
		"moved":        {Settings{Regions: []string{"a", "b"}, Home: "b"}, "a", "b", "x"},
	} {
		s := test.settings
		if s.Primary() != test.primary || s.HomeRegion() != test.home || s.TableRegion(whoami, "x") != test.home || s.TableRegion(operations.Authorizer, "x") != "x" {
			t.Errorf("%s: primary %q, home %q", name, s.Primary(), s.HomeRegion())
		}
	}
}

// The home runs all functions but those of streams, which run in the primary
// region wherever the home is. Other regions run those with a route, and the
// authorizer. The console can be left out.
func TestFunctionsIn(t *testing.T) {
	s := Settings{Regions: []string{"a", "b"}, Console: true}
	names := func(functions []Function) (names []string) {
		for _, f := range functions {
			names = append(names, f.Name)
		}
		return names
	}
	home, away := names(s.FunctionsIn("a")), names(s.FunctionsIn("b"))
	if !reflect.DeepEqual(home, names(Functions())) {
		t.Errorf("at home %v", home)
	}
	missing := slices.DeleteFunc(slices.Clone(home), func(name string) bool { return slices.Contains(away, name) })
	var direct []string
	for _, op := range operations.All() {
		if op.Direct() {
			direct = append(direct, op.Name)
		}
	}
	if !slices.Equal(missing, direct) || !slices.Contains(missing, "sweep") {
		t.Errorf("elsewhere %v are missing, want %v to be", missing, direct)
	}
	s.Home = "b"
	home, first := names(s.FunctionsIn("b")), names(s.FunctionsIn("a"))
	if slices.Contains(home, "publish-events") || !slices.Contains(first, "publish-events") || !slices.Contains(home, "sweep") || slices.Contains(first, "sweep") {
		t.Errorf("with another home: there %v, in the first region %v", home, first)
	}
	s.Console = false
	for _, region := range s.Regions {
		if slices.Contains(names(s.FunctionsIn(region)), operations.Console) {
			t.Errorf("without the console, %s has it", region)
		}
	}
}

// Behind a domain, paths have no stage before them.
func TestBase(t *testing.T) {
	for domain, want := range map[string]string{"": "/$context.stage", "keys.example.com": ""} {
		if got := (&Settings{Domain: domain}).Base(); got != want {
			t.Errorf("behind %q: %q, want %q", domain, got, want)
		}
	}
}

// Only an API's authorizers may call, and only the authorizer function of the
// API's region.
func TestGuarded(t *testing.T) {
	s := Settings{Regions: []string{"a", "b"}, GuardedAPIs: []GuardedAPI{{"1", "b", "x", REST}, {"2", "b", "y", AppSync}, {"1", "a", "z", WebSocket}}}
	var got []string
	for _, api := range s.GuardedIn("b") {
		principal, source := api.Caller("aws", "b")
		got = append(got, principal+" "+source)
	}
	want := []string{"apigateway.amazonaws.com arn:aws:execute-api:b:1:x/authorizers/*", "appsync.amazonaws.com arn:aws:appsync:b:2:apis/y"}
	if !slices.Equal(got, want) {
		t.Errorf("callers %v, want %v", got, want)
	}
	s = Settings{GuardedAPIs: []GuardedAPI{{"1", "", "x", HTTP}}}
	if len(s.GuardedIn("")) != 1 {
		t.Error("the one region guards nothing")
	}
}

// With one region, an API without a region equals one that states it, so both
// together are a duplicate.
func TestGuardedTwiceInOneRegion(t *testing.T) {
	api := func(region string) GuardedAPI { return GuardedAPI{"210987654321", region, "abc123", REST} }
	s := Defaults()
	s.Account, s.Regions = "123456789012", []string{"eu-central-1"}
	s.GuardedAPIs = []GuardedAPI{api("eu-central-1"), api("")}
	if faults := s.faults(); len(faults) != 1 || faults[0].Error() != "guardedApis: 2: abc123 is listed twice" {
		t.Errorf("faults %v", faults)
	}
}
