package plan

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"

	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// Settings are what an owner may choose about a deployment.
type Settings struct {
	// Name is the main table's name, and begins every other name: 3 to 32
	// characters of a-z, 0-9 and hyphens, beginning with a letter.
	Name string
	// Account and Region say where to deploy; both are empty where the
	// credentials in use decide.
	Account, Region string
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
	// APILogRole makes the role through which API Gateway writes logs, and
	// sets it for the account and region: false where one is set already.
	APILogRole bool
	// OIDCIssuer is the OpenID Connect issuer whose access tokens the
	// authorizer takes besides keys: an https URL without a query, or empty
	// for none. With it, OIDCAudience is what a token must be for, OIDCClaim
	// the claim that holds a user's e-mail, and OIDCOrganization the
	// organization whose users they are.
	OIDCIssuer, OIDCAudience, OIDCClaim, OIDCOrganization string
	// Domain is the owner's, in lower case, below which host names say which
	// organization they are for; empty where host names say nothing.
	Domain string
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
		APILogRole:          true,
		OIDCClaim:           "email",
	}
}

// LogRetentions are the periods, in days, that CloudWatch Logs knows.
var LogRetentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// The forms of the settings that are text.
const (
	NamePattern         = `^[a-z][a-z0-9-]{2,31}$`
	IssuerPattern       = `^(https://[^\s?#@]{1,400})?$`
	AudiencePattern     = `^[!-~]{0,200}$`
	ClaimPattern        = `^[!-~]{1,100}$`
	OrganizationPattern = `^([a-z]([a-z0-9-]{0,38}[a-z0-9]))?$`
	DomainPattern       = `^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$`
	accountPattern      = `^[0-9]{12}$`
	regionPattern       = `^[a-z]{2}(-[a-z]+)+-[0-9]$`
)

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
		"region":              &s.Region,
		"logRetentionDays":    &s.LogRetentionDays,
		"cacheTtlSeconds":     &s.CacheTTLSeconds,
		"pepperMaxAgeSeconds": &s.PepperMaxAgeSeconds,
		"requestsPerSecond":   &s.RequestsPerSecond,
		"burst":               &s.Burst,
		"tracing":             &s.Tracing,
		"apiLogRole":          &s.APILogRole,
		"oidcIssuer":          &s.OIDCIssuer,
		"oidcAudience":        &s.OIDCAudience,
		"oidcClaim":           &s.OIDCClaim,
		"oidcOrganization":    &s.OIDCOrganization,
		"domain":              &s.Domain,
	}
}

// assign stores a value that came out of JSON, where every number is a float64.
func assign(field, value any) error {
	switch field := field.(type) {
	case *string:
		if text, ok := value.(string); ok {
			*field = text
			return nil
		}
		return fmt.Errorf("want a text, not %v", value)
	case *bool:
		if on, ok := value.(bool); ok {
			*field = on
			return nil
		}
		return fmt.Errorf("want true or false, not %v", value)
	case *int:
		if number, ok := value.(float64); ok && number == math.Trunc(number) && math.Abs(number) <= math.MaxInt32 {
			*field = int(number)
			return nil
		}
	}
	return fmt.Errorf("want a whole number, not %v", value)
}

func (s *Settings) faults() (faults []error) {
	fault := func(ok bool, format string, arguments ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, arguments...))
		}
	}
	form := func(pattern, value string) bool { return regexp.MustCompile(pattern).MatchString(value) }
	between := func(name string, value, low, high int) {
		fault(low <= value && value <= high, "%s: want %d to %d, not %d", name, low, high, value)
	}
	fault(form(NamePattern, s.Name), "name: want 3 to 32 of a-z, 0-9 and hyphens, a letter first, not %q", s.Name)
	fault((s.Account == "") == (s.Region == ""), "account and region: set both or neither")
	fault(s.Account == "" || form(accountPattern, s.Account), "account: want 12 digits, not %q", s.Account)
	fault(s.Region == "" || form(regionPattern, s.Region), "region: want one such as eu-central-1, not %q", s.Region)
	fault(slices.Contains(LogRetentions, s.LogRetentionDays), "logRetentionDays: want one of %v, not %d", LogRetentions, s.LogRetentionDays)
	between("cacheTtlSeconds", s.CacheTTLSeconds, operations.CacheTTL.Least, operations.CacheTTL.Most)
	between("pepperMaxAgeSeconds", s.PepperMaxAgeSeconds, operations.PepperMaxAge.Least, operations.PepperMaxAge.Most)
	between("requestsPerSecond", s.RequestsPerSecond, 1, 10_000)
	between("burst", s.Burst, 1, 5_000)
	fault(form(IssuerPattern, s.OIDCIssuer), "oidcIssuer: want an https URL without a query, not %q", s.OIDCIssuer)
	fault(form(AudiencePattern, s.OIDCAudience), "oidcAudience: want up to 200 visible characters, not %q", s.OIDCAudience)
	fault(form(ClaimPattern, s.OIDCClaim), "oidcClaim: want 1 to 100 visible characters, not %q", s.OIDCClaim)
	fault(form(OrganizationPattern, s.OIDCOrganization), "oidcOrganization: want an organization's id, not %q", s.OIDCOrganization)
	fault(form(DomainPattern, s.Domain) && len(s.Domain) <= operations.MaxDomain, "domain: want one such as example.com, in lower case, not %q", s.Domain)
	on := s.OIDCIssuer != ""
	fault(on == (s.OIDCAudience != "") && on == (s.OIDCOrganization != ""),
		"oidcIssuer, oidcAudience and oidcOrganization: set all or none")
	return faults
}

// AuditTable is the audit table's name.
func (s *Settings) AuditTable() string { return s.Name + "-audit" }

// SecretsTable is the name of the table of encrypted copies.
func (s *Settings) SecretsTable() string { return s.Name + "-secrets" }
