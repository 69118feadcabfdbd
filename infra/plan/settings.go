package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// Settings are what an owner may choose about a deployment.
type Settings struct {
	// Name is the main table's name, and begins every other name: 3 to 32
	// characters of a-z, 0-9 and hyphens, beginning with a letter.
	Name string
	// Account and Regions say where to deploy; both are empty where the
	// credentials in use decide, which is one region. The first region is the
	// [Settings.Primary], which is for good.
	Account string
	Regions []string
	// Home is the one of Regions that writes: [Settings.HomeRegion].
	Home string
	// KeyIDs are the ids of the multi-Region keys, by what they are for:
	// [Keys]. Several regions need them, one does not.
	KeyIDs map[string]string
	// LogRetentionDays is how long logs are kept: a period that CloudWatch
	// Logs knows.
	LogRetentionDays int
	// CacheTTLSeconds is how long the authorizer may keep a key's record, and
	// so the bound on a revocation: [operations.CacheTTL].
	CacheTTLSeconds int
	// PepperMaxAgeSeconds is how long a process may keep a decrypted pepper:
	// [operations.PepperMaxAge].
	PepperMaxAgeSeconds int
	// RequestsPerSecond and Burst throttle the management API as a whole.
	RequestsPerSecond, Burst int
	// Tracing turns AWS X-Ray on, for the API and its functions.
	Tracing bool
	// Metrics has the authorizer write metrics for CloudWatch.
	Metrics bool
	// APILogRole makes the role through which API Gateway writes logs, and
	// sets it for the account and region: false where one is set already.
	APILogRole bool
	// OIDCIssuer is the OpenID Connect issuer whose access tokens the
	// authorizer takes besides keys: an https URL without a query, or empty
	// for none. With it, OIDCAudience is what a token must be for, OIDCClaim
	// the claim that holds a user's e-mail, and OIDCOrganization the
	// organization whose users they are. OIDCVerifiesEmail is whether the issuer
	// verifies every address in the claim "email"; otherwise a token must say
	// so itself.
	OIDCIssuer, OIDCAudience, OIDCClaim, OIDCOrganization string
	// OIDCClientAudience takes tokens without an audience for the client that
	// they were given to, as Amazon Cognito's access tokens are: whoever is sent
	// one can use it.
	OIDCVerifiesEmail, OIDCClientAudience bool
	// Domain is the owner's, in lower case, below which host names say which
	// organization they are for; empty where host names say nothing.
	// HostedZoneID is the Route 53 zone that Keyward's names are made in, or
	// [NoZone] where they are the owner's to make; a domain needs one of both.
	Domain, HostedZoneID string
	// Routing is how the global names choose among regions: [Latency] or
	// [Failover].
	Routing string
	// GuardedAPIs are the APIs of others that may call the authorizer.
	GuardedAPIs []GuardedAPI
	// AlarmTopic is the name of the SNS topic, one in each region, that alarms
	// are sent to; empty for none. AlarmRefusals is how many refusals within
	// [AlarmMinutes] are an alarm.
	AlarmTopic    string
	AlarmRefusals int
	// Dashboard makes a CloudWatch dashboard in each region.
	Dashboard bool
	// Firewall puts AWS WAF before the management API.
	Firewall bool
	// Tags are put on everything that can have some.
	Tags map[string]string
}

// Defaults are the settings of a deployment that chooses nothing.
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
		Routing:             Latency,
		AlarmRefusals:       1000,
		Dashboard:           true,
	}
}

// LogRetentions are the periods, in days, that CloudWatch Logs knows.
var LogRetentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// ParseSettings reads settings by their names, as in infra/cdk.json, over the
// defaults. Its error names every fault: names that do not exist, values of the
// wrong type and values out of range.
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

func (s *Settings) fields() map[string]any {
	return map[string]any{
		"name":                &s.Name,
		"account":             &s.Account,
		"regions":             &s.Regions,
		"home":                &s.Home,
		"keyIds":              &s.KeyIDs,
		"logRetentionDays":    &s.LogRetentionDays,
		"cacheTtlSeconds":     &s.CacheTTLSeconds,
		"pepperMaxAgeSeconds": &s.PepperMaxAgeSeconds,
		"requestsPerSecond":   &s.RequestsPerSecond,
		"burst":               &s.Burst,
		"tracing":             &s.Tracing,
		"metrics":             &s.Metrics,
		"apiLogRole":          &s.APILogRole,
		"oidcIssuer":          &s.OIDCIssuer,
		"oidcAudience":        &s.OIDCAudience,
		"oidcClaim":           &s.OIDCClaim,
		"oidcOrganization":    &s.OIDCOrganization,
		"oidcVerifiesEmail":   &s.OIDCVerifiesEmail,
		"oidcClientAudience":  &s.OIDCClientAudience,
		"domain":              &s.Domain,
		"hostedZoneId":        &s.HostedZoneID,
		"routing":             &s.Routing,
		"guardedApis":         &s.GuardedAPIs,
		"alarmTopic":          &s.AlarmTopic,
		"alarmRefusals":       &s.AlarmRefusals,
		"dashboard":           &s.Dashboard,
		"waf":                 &s.Firewall,
		"tags":                &s.Tags,
	}
}

// AuditTable is the audit table's name.
func (s *Settings) AuditTable() string { return s.Name + "-audit" }

// SecretsTable is the name of the table of encrypted copies.
func (s *Settings) SecretsTable() string { return s.Name + "-secrets" }
