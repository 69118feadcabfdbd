package plan

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/dynamo/schema"
)

// The defaults are valid, and give the same names as the store's own defaults.
func TestDefaults(t *testing.T) {
	settings, err := ParseSettings(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(settings, Defaults()) {
		t.Errorf("settings = %+v, want the defaults", settings)
	}
	if settings.Name != schema.TableName || settings.AuditTable() != schema.AuditTableName {
		t.Errorf("tables %q and %q, want %q and %q", settings.Name, settings.AuditTable(), schema.TableName, schema.AuditTableName)
	}
	if settings.UsageTable() != schema.UsageTableName {
		t.Errorf("usage table %q, want %q", settings.UsageTable(), schema.UsageTableName)
	}
	if settings.SecretsTable() != schema.SecretsTableName {
		t.Errorf("secrets table %q, want %q", settings.SecretsTable(), schema.SecretsTableName)
	}
}

// Every setting can be set by name, up to and including its limits.
func TestParseSettings(t *testing.T) {
	want := Settings{
		Name: "keys-2", Account: "123456789012", Regions: []string{"us-gov-west-1", "us-gov-east-1"}, Home: "us-gov-east-1",
		KeyIDs: testKeyIDs, LogRetentionDays: 3653,
		CacheTTLSeconds: 0, PepperMaxAgeSeconds: 3600, PepperRotationDays: 3650, RequestsPerSecond: 1, Burst: 5000, Tracing: true,
		OIDCIssuer: "https://login.example.com/realms/a", OIDCAudience: "keyward", OIDCClaim: "upn", OIDCOrganization: "demo", OIDCVerifiesEmail: true, OIDCClientAudience: true,
		ConsoleClientID: "console", ConsoleTokenEndpoint: "https://login.example.net/token", Console: true,
		GitHubKeysURL: "https://ghe.example.com/keys", Domain: "keys.example.com", HostedZoneID: "Z0123456789ABCDEFGHIJ", Routing: Failover,
		GuardedAPIs: []GuardedAPI{{"210987654321", "us-gov-west-1", "abc123", REST}},
		AlarmTopic:  "alarms", AlarmRefusals: 7, Firewall: true, EventBus: "keys", Tags: map[string]string{"team": "keys"},
	}
	got, err := ParseSettings(map[string]any{
		"name": "keys-2", "account": "123456789012", "regions": []any{"us-gov-west-1", "us-gov-east-1"}, "home": "us-gov-east-1",
		"keyIds": map[string]any{"tables": testKeyIDs["tables"], "peppers": testKeyIDs["peppers"], "secrets": testKeyIDs["secrets"]}, "logRetentionDays": 3653.0,
		"cacheTtlSeconds": 0.0, "pepperMaxAgeSeconds": 3600.0, "pepperRotationDays": 3650.0, "requestsPerSecond": 1.0, "burst": 5000.0,
		"tracing": true, "metrics": false, "apiLogRole": false, "oidcIssuer": "https://login.example.com/realms/a",
		"oidcAudience": "keyward", "oidcClaim": "upn", "oidcOrganization": "demo", "oidcVerifiesEmail": true, "oidcClientAudience": true, "consoleClientId": "console", "consoleTokenUrl": "https://login.example.net/token", "githubKeysUrl": "https://ghe.example.com/keys", "domain": "keys.example.com", "hostedZoneId": "Z0123456789ABCDEFGHIJ", "routing": "failover",
		"guardedApis": []any{map[string]any{"account": "210987654321", "region": "us-gov-west-1", "api": "abc123", "kind": "rest"}},
		"alarmTopic":  "alarms", "alarmRefusals": 7.0, "dashboard": false, "waf": true, "eventBus": "keys", "tags": map[string]any{"team": "keys"},
	})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ParseSettings = %+v, %v; want %+v", got, err, want)
	}
}

// Each fault is refused, and named by the setting.
func TestParseSettingsFaults(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
	}{
		{"name", "ab"}, {"name", "Keyward"}, {"name", "9lives"}, {"name", strings.Repeat("a", 33)}, {"name", "keys\n"}, {"name", 5.0},
		{"account", "12345678901"}, {"account", 123456789012.0},
		{"logRetentionDays", 2.0}, {"logRetentionDays", 0.0}, {"logRetentionDays", "90"},
		{"cacheTtlSeconds", -1.0}, {"cacheTtlSeconds", 301.0}, {"cacheTtlSeconds", 2.5}, {"cacheTtlSeconds", nil}, {"cacheTtlSeconds", 1e300},
		{"pepperMaxAgeSeconds", 0.0}, {"pepperMaxAgeSeconds", 3601.0},
		{"pepperRotationDays", -1.0}, {"pepperRotationDays", 3651.0}, {"pepperRotationDays", 0.5},
		{"requestsPerSecond", 0.0}, {"burst", 0.0}, {"burst", 5001.0},
		{"tracing", "true"}, {"metrics", "off"}, {"apiLogRole", 1.0},
		{"Name", "keyward"}, {"memory", 128.0},
		{"oidcIssuer", "http://login.example.com"}, {"oidcIssuer", "https://a/?b"}, {"oidcIssuer", "https://user@a"}, {"oidcIssuer", "https://a b"},
		{"oidcIssuer", "https://login.example.com"}, {"oidcAudience", "a b"}, {"oidcAudience", "keyward"},
		{"oidcClaim", ""}, {"oidcClaim", 1.0}, {"oidcVerifiesEmail", "on"}, {"oidcClientAudience", "on"}, {"oidcOrganization", "Demo"}, {"oidcOrganization", "a"}, {"oidcOrganization", "demo"},
		{"domain", "example.com"}, {"hostedZoneId", "Z0123456789ABCDEFGHIJ"}, {"hostedZoneId", "none"}, {"hostedZoneId", "example.com"},
		{"console", "yes"}, {"consoleClientId", "a b"}, {"consoleClientId", "console"}, {"consoleTokenUrl", "http://a/token"}, {"consoleTokenUrl", "https://a/token"},
		{"githubKeysUrl", ""}, {"githubKeysUrl", "http://example.com/keys"}, {"githubKeysUrl", 1.0},
		{"routing", "nearest"}, {"routing", "failover"}, {"routing", 1.0}, {"region", "eu-west-1"},
		{"regions", "eu-west-1"}, {"regions", []any{1.0}}, {"regions", []any{"europe"}}, {"home", "eu-west-1"},
		{"keyIds", map[string]any{}}, {"keyIds", "mrk-1"}, {"keyIds", map[string]any{"tables": 1.0}},
		{"guardedApis", "abc123"}, {"guardedApis", []any{"abc123"}}, {"guardedApis", []any{map[string]any{}}},
		{"domain", "example"}, {"domain", "Example.com"}, {"domain", "example.com."}, {"domain", "192.0.2.1"}, {"domain", "*.example.com"},
		{"domain", "-a.com"}, {"domain", strings.Repeat("a.", 90) + "com"}, {"domain", 1.0},
	} {
		_, err := ParseSettings(map[string]any{test.name: test.value})
		if err == nil || !strings.Contains(err.Error(), test.name) {
			t.Errorf("%s = %v: error %v, want one that names it", test.name, test.value, err)
		}
	}
}

// A value of the wrong type is shown as in the file, so that a number differs
// from a text of the same digits.
func TestWrongTypesAreShownAsWritten(t *testing.T) {
	for name, test := range map[string]struct {
		value any
		want  string
	}{
		"account":         {123456789012.0, "account: want a string, not 123456789012"},
		"cacheTtlSeconds": {"5", `cacheTtlSeconds: want a whole number, not "5"`},
		"tracing":         {"true", `tracing: want true or false, not "true"`},
		"regions":         {"eu-west-1", `regions: want a list of strings, not "eu-west-1"`},
		"keyIds":          {[]any{"mrk-1"}, `keyIds: want an object with strings, not ["mrk-1"]`},
		"guardedApis":     {nil, "guardedApis: want a list, not null"},
	} {
		_, err := ParseSettings(map[string]any{name: test.value})
		if err == nil || strings.Split(err.Error(), "\n")[0] != test.want {
			t.Errorf("%v; want %s", err, test.want)
		}
	}
}

// A name that would collide with another deployment's stack or table is one
// fault, which names the setting: the stack keyward-keys-eu-west-1 could belong
// to two deployments.
func TestNamesOfOtherDeployments(t *testing.T) {
	keyward := Defaults()
	for _, name := range []string{keyward.KeysStack(), keyward.GlobalStack(), keyward.AuditTable(), keyward.SecretsTable(), keyward.UsageTable()} {
		_, err := ParseSettings(map[string]any{"name": name})
		if err == nil || !strings.HasPrefix(err.Error(), `name: "`+name+`"`) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want one of name", name, err)
		}
	}
	for _, name := range []string{"keys", "global", "keyward-keys2", "keys-keyward"} {
		if _, err := ParseSettings(map[string]any{"name": name}); err != nil {
			t.Error(err)
		}
	}
}

// In each region, as many foreign APIs may call the authorizer as its policy has
// room for. More are one fault, which names the setting.
func TestAsManyGuardedAPIsAsFit(t *testing.T) {
	settings := Defaults()
	settings.Account, settings.Regions, settings.KeyIDs = "123456789012", []string{"eu-west-1", "us-east-1"}, testKeyIDs
	for _, region := range settings.Regions {
		for n := range maxGuarded {
			settings.GuardedAPIs = append(settings.GuardedAPIs, GuardedAPI{"210987654321", region, fmt.Sprintf("api%d", n), REST})
		}
	}
	if faults := settings.faults(); len(faults) != 0 {
		t.Error(faults)
	}
	settings.GuardedAPIs = append(settings.GuardedAPIs, GuardedAPI{"210987654321", "us-east-1", "last", REST})
	if faults := settings.faults(); len(faults) != 1 || !strings.HasPrefix(faults[0].Error(), "guardedApis: want up to 40 in one region") {
		t.Errorf("faults %v, want one of guardedApis", faults)
	}
}

// All faults are reported at once.
func TestParseSettingsReportsEveryFault(t *testing.T) {
	_, err := ParseSettings(map[string]any{"name": "X", "regions": []any{"eu-west-1"}, "burst": 0.0, "colour": "red", "tracing": "on"})
	if err == nil {
		t.Fatal("five faults were accepted")
	}
	for _, part := range []string{"name:", "account and regions:", "burst:", "colour:", "tracing:"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not name %q: %v", part, err)
		}
	}
}
