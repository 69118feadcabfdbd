package plan

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// Settings are the owner's choices for a deployment, by their names in infra/cdk.json.
type Settings struct {
	// Name is the main table's name and the prefix of all other names: 3 to 32
	// characters of a-z, 0-9 and hyphens, starting with a letter.
	Name string `json:"name"`
	// Account and Regions say where to deploy. If both are empty, the credentials
	// in use decide, for one region. The first region is the [Settings.Primary],
	// which cannot be changed later.
	Account string   `json:"account"`
	Regions []string `json:"regions"`
	// Home is the one of Regions that writes: see [Settings.HomeRegion].
	Home string `json:"home"`
	// KeyIDs are the ids of the multi-Region keys by purpose: see [Keys]. Only
	// a deployment of several regions needs them.
	KeyIDs map[string]string `json:"keyIds"`
	// LogRetentionDays is how long logs are kept, one of [LogRetentions].
	LogRetentionDays int `json:"logRetentionDays"`
	// CacheTTLSeconds is how long the authorizer may cache a key's record, and so
	// the maximum delay of a revocation: [operations.CacheTTL].
	CacheTTLSeconds int `json:"cacheTtlSeconds"`
	// PepperMaxAgeSeconds is how long a process may cache a decrypted pepper:
	// [operations.PepperMaxAge].
	PepperMaxAgeSeconds int `json:"pepperMaxAgeSeconds"`
	// PepperRotationDays is how often a new version of the pepper is made; 0 for
	// never.
	PepperRotationDays int `json:"pepperRotationDays"`
	// RequestsPerSecond and Burst throttle the management API as a whole.
	RequestsPerSecond int `json:"requestsPerSecond"`
	Burst             int `json:"burst"`
	// Tracing turns on AWS X-Ray for the API and its functions.
	Tracing bool `json:"tracing"`
	// Metrics makes the authorizer write CloudWatch metrics.
	Metrics bool `json:"metrics"`
	// APILogRole creates the role with which API Gateway writes logs, and sets it
	// for the account and region. Use false if one is set already.
	APILogRole bool `json:"apiLogRole"`
	// OIDCIssuer is the OpenID Connect issuer whose access tokens the authorizer
	// accepts besides keys: an https URL without a query, or empty for none.
	// OIDCAudience is the audience that a token must have. OIDCClaim is the claim
	// with a user's e-mail address. OIDCOrganization is the users' organization.
	// OIDCVerifiesEmail means that the issuer verifies every address in the "email"
	// claim; otherwise the token itself must say that the address is verified.
	OIDCIssuer       string `json:"oidcIssuer"`
	OIDCAudience     string `json:"oidcAudience"`
	OIDCClaim        string `json:"oidcClaim"`
	OIDCOrganization string `json:"oidcOrganization"`
	// OIDCClientAudience accepts tokens without an audience if they were issued to
	// the client OIDCAudience, such as Amazon Cognito's access tokens. Anyone who
	// receives such a token can use it.
	OIDCVerifiesEmail  bool `json:"oidcVerifiesEmail"`
	OIDCClientAudience bool `json:"oidcClientAudience"`
	// Console serves the console. ConsoleClientID is the id under which the issuer
	// knows it, so that people can sign in there; empty for keys only.
	// ConsoleTokenEndpoint is the issuer's token endpoint if it is on another host:
	// an https URL.
	Console              bool   `json:"console"`
	ConsoleClientID      string `json:"consoleClientId"`
	ConsoleTokenEndpoint string `json:"consoleTokenUrl"`
	// GitHubKeysURL is where GitHub publishes the keys with which it signs its
	// reports of leaked keys: an https URL.
	GitHubKeysURL string `json:"githubKeysUrl"`
	// Domain is the owner's domain in lower case. Host names below it name an
	// organization; it is empty if host names mean nothing. HostedZoneID is the
	// Route 53 zone of Keyward's names, or [NoZone] if the owner creates them. A
	// domain needs one of the two.
	Domain       string `json:"domain"`
	HostedZoneID string `json:"hostedZoneId"`
	// Routing is how the global names choose a region: [Latency] or [Failover].
	Routing string `json:"routing"`
	// GuardedAPIs are foreign APIs that may call the authorizer.
	GuardedAPIs []GuardedAPI `json:"guardedApis"`
	// AlarmTopic is the name of the SNS topic, one in each region, that receives
	// alarms; empty for none. AlarmRefusals is how many refusals within
	// [AlarmMinutes] raise an alarm.
	AlarmTopic    string `json:"alarmTopic"`
	AlarmRefusals int    `json:"alarmRefusals"`
	// Dashboard creates a CloudWatch dashboard in each region.
	Dashboard bool `json:"dashboard"`
	// Firewall puts AWS WAF in front of the management API.
	Firewall bool `json:"waf"`
	// EventBus is the name of the EventBridge bus of the first region that gets the
	// events, or the ARN of any bus.
	EventBus string `json:"eventBus"`
	// Tags are set on every resource that supports tags.
	Tags map[string]string `json:"tags"`
}

// Defaults returns the settings of a deployment that chooses nothing.
func Defaults() Settings {
	return Settings{
		Name:                schema.TableName,
		LogRetentionDays:    90,
		CacheTTLSeconds:     operations.CacheTTL.Default,
		PepperMaxAgeSeconds: operations.PepperMaxAge.Default,
		RequestsPerSecond:   100,
		Burst:               200,
		Metrics:             true,
		APILogRole:          true,
		OIDCClaim:           "email",
		Console:             true,
		GitHubKeysURL:       operations.GitHubKeys,
		Routing:             Latency,
		AlarmRefusals:       1000,
		Dashboard:           true,
		EventBus:            "default",
	}
}

// LogRetentions are the retention periods that CloudWatch Logs supports, in
// days.
var LogRetentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// ParseSettings parses settings by name, as in infra/cdk.json, on top of the
// defaults. Its error names every fault: unknown names, values of the wrong type
// and values out of range.
func ParseSettings(raw map[string]any) (Settings, error) {
	settings := Defaults()
	fields := settings.fields()
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		field, ok := fields[name]
		if !ok {
			faults = append(faults, fmt.Errorf("%s: there is no such setting", name))
			continue
		}
		if err := assign(field, raw[name]); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
		}
	}
	if err := errors.Join(append(faults, settings.faults()...)...); err != nil {
		return Settings{}, err
	}
	return settings, nil
}

// fields returns pointers to the settings, by the names in their tags.
func (s *Settings) fields() map[string]any {
	fields, of := map[string]any{}, reflect.ValueOf(s).Elem()
	for i := range of.NumField() {
		fields[of.Type().Field(i).Tag.Get("json")] = of.Field(i).Addr().Interface()
	}
	return fields
}

// AuditTable returns the audit table's name.
func (s *Settings) AuditTable() string { return s.Name + "-audit" }

// SecretsTable returns the name of the table that holds the encrypted copies.
func (s *Settings) SecretsTable() string { return s.Name + "-secrets" }

// UsageTable returns the name of the table that holds the uses of keys.
func (s *Settings) UsageTable() string { return s.Name + "-usage" }
