package plan

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
)

// The patterns of the text settings.
const (
	NamePattern         = `^[a-z][a-z0-9-]{2,31}$`
	KeysPattern         = `^https://[^\s#@]{1,400}$`
	IssuerPattern       = `^(https://[^\s?#@]{1,400})?$`
	AudiencePattern     = `^[!-~]{0,200}$`
	ClaimPattern        = `^[!-~]{1,100}$`
	OrganizationPattern = `^([a-z]([a-z0-9-]{0,38}[a-z0-9]))?$`
	DomainPattern       = `^(([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?)?$`
	keyIDPattern        = `^mrk-[0-9a-f]{32}$`
	zonePattern         = `^Z[0-9A-Z]{1,31}$`
	apiPattern          = `^[a-z0-9]{1,64}$`
)

// maxNamedDomain is the maximum length in bytes of a domain whose names Keyward
// creates. A certificate's first name, which is api.DOMAIN, allows 64.
const maxNamedDomain = 60

// maxGuarded is how many foreign APIs may call one region's authorizer. Each
// needs about 450 bytes of the function's resource policy, which is limited to
// 20 kB.
const maxGuarded = 40

// takenEndings are suffixes that another deployment's stack or table may have: a
// deployment named keyward-keys would collide with the replica key stacks of
// keyward.
var takenEndings = []string{"-keys", "-global", "-audit", "-secrets", "-usage"}

// report collects faults. Each starts with the setting's name.
type report []error

// unless adds a fault if ok is false.
func (r *report) unless(ok bool, format string, arguments ...any) {
	if !ok {
		*r = append(*r, fmt.Errorf(format, arguments...))
	}
}

func (r *report) between(name string, value, low, high int) {
	r.unless(low <= value && value <= high, "%s: want %d to %d, not %d", name, low, high, value)
}

func form(pattern, value string) bool { return regexp.MustCompile(pattern).MatchString(value) }

func (s *Settings) faults() []error {
	var r report
	r.unless(form(NamePattern, s.Name), "name: want 3 to 32 characters of a-z, 0-9 and hyphens, starting with a letter, not %q", s.Name)
	for _, ending := range takenEndings {
		r.unless(!strings.HasSuffix(s.Name, ending), "name: %q could be the name of another deployment's stack or table: want no %s at its end", s.Name, ending)
	}
	r.unless(slices.Contains(LogRetentions, s.LogRetentionDays), "logRetentionDays: want one of %v, not %d", LogRetentions, s.LogRetentionDays)
	r.between("cacheTtlSeconds", s.CacheTTLSeconds, operations.CacheTTL.Least, operations.CacheTTL.Most)
	r.between("pepperMaxAgeSeconds", s.PepperMaxAgeSeconds, operations.PepperMaxAge.Least, operations.PepperMaxAge.Most)
	r.between("pepperRotationDays", s.PepperRotationDays, 0, 3_650)
	r.between("requestsPerSecond", s.RequestsPerSecond, 1, 10_000)
	r.between("burst", s.Burst, 1, 5_000)
	r.unless(form(KeysPattern, s.GitHubKeysURL), "githubKeysUrl: want an https URL, not %q", s.GitHubKeysURL)
	r.unless(form(busPattern, s.EventBus), "eventBus: want an EventBridge bus's name or ARN, not %q", s.EventBus)
	s.regionFaults(&r)
	s.issuerFaults(&r)
	s.domainFaults(&r)
	s.guardedFaults(&r)
	s.watchFaults(&r)
	s.tagFaults(&r)
	return r
}

func (s *Settings) regionFaults(r *report) {
	r.unless((s.Account == "") == (len(s.Regions) == 0), "account and regions: set both or neither")
	r.unless(s.Account == "" || apikey.ValidAccount(s.Account), "account: want 12 digits, not %q", s.Account)
	seen := map[string]bool{}
	for _, region := range s.Regions {
		r.unless(apikey.ValidRegion(region), "regions: want AWS Regions such as eu-central-1, not %q", region)
		r.unless(!seen[region], "regions: %s is listed twice", region)
		r.unless(Partition(region) == Partition(s.Primary()),
			"regions: %s and %s are of different partitions, which DynamoDB cannot combine", s.Primary(), region)
		seen[region] = true
	}
	r.unless(s.Home == "" || seen[s.Home], "home: want one of regions, not %q", s.Home)
	if s.KeyIDs != nil {
		s.keyFaults(r)
	}
}

func (s *Settings) keyFaults(r *report) {
	purposes := map[string]bool{}
	for _, key := range Keys {
		id := s.KeyIDs[key.Purpose]
		r.unless(form(keyIDPattern, id), "keyIds: %s: want a multi-Region key's id, mrk- and 32 hexadecimal digits, not %q", key.Purpose, id)
		purposes[key.Purpose] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s.KeyIDs)) {
		r.unless(purposes[name], "keyIds: want tables, peppers and secrets, not %s", name)
	}
}

func (s *Settings) issuerFaults(r *report) {
	r.unless(form(IssuerPattern, s.OIDCIssuer), "oidcIssuer: want an https URL without a query, not %q", s.OIDCIssuer)
	r.unless(form(AudiencePattern, s.OIDCAudience), "oidcAudience: want up to 200 visible characters, not %q", s.OIDCAudience)
	r.unless(form(ClaimPattern, s.OIDCClaim), "oidcClaim: want 1 to 100 visible characters, not %q", s.OIDCClaim)
	r.unless(form(OrganizationPattern, s.OIDCOrganization), "oidcOrganization: want an organization's id, not %q", s.OIDCOrganization)
	r.unless(s.OIDCOrganization != regionsLabel, "oidcOrganization: no organization can be called %s, which Keyward uses in the host names of regions", regionsLabel)
	on := s.OIDCIssuer != ""
	r.unless(on == (s.OIDCAudience != "") && on == (s.OIDCOrganization != ""),
		"oidcIssuer, oidcAudience and oidcOrganization: set all or none")
	r.unless(form(AudiencePattern, s.ConsoleClientID), "consoleClientId: want up to 200 visible characters, not %q", s.ConsoleClientID)
	r.unless(s.ConsoleClientID == "" || on && s.Console, "consoleClientId: set oidcIssuer as well, and leave console on")
	r.unless(form(IssuerPattern, s.ConsoleTokenEndpoint), "consoleTokenUrl: want an https URL without a query, not %q", s.ConsoleTokenEndpoint)
	r.unless(s.ConsoleTokenEndpoint == "" || s.ConsoleClientID != "", "consoleTokenUrl: set consoleClientId as well")
}

func (s *Settings) domainFaults(r *report) {
	r.unless(form(DomainPattern, s.Domain) && len(s.Domain) <= operations.MaxDomain, "domain: want a domain such as example.com, in lower case, not %q", s.Domain)
	zone := s.HostedZoneID
	r.unless(zone == "" || zone == NoZone || form(zonePattern, zone), "hostedZoneId: want a Route 53 zone's id or %q, not %q", NoZone, zone)
	r.unless(s.Domain == "" || zone != "", "hostedZoneId: want the id of the zone of domain, or %q if you create the names yourself", NoZone)
	r.unless(s.Domain != "" || zone == "", "hostedZoneId: set domain as well, or leave hostedZoneId out")
	r.unless(!s.Named() || len(s.Domain) <= maxNamedDomain, "domain: want up to %d characters with a hostedZoneId, not %d", maxNamedDomain, len(s.Domain))
	switch s.Routing {
	case Latency:
	case Failover:
		r.unless(len(s.Regions) == 2, "routing: failover needs exactly two regions, not %d", len(s.Regions))
		r.unless(s.Named(), "routing: failover needs domain and hostedZoneId")
	default:
		r.unless(false, "routing: want %s or %s, not %q", Latency, Failover, s.Routing)
	}
}

func (s *Settings) guardedFaults(r *report) {
	seen := map[[3]string]bool{}
	for i, api := range s.GuardedAPIs {
		what := fmt.Sprintf("guardedApis: %d: ", i+1)
		r.unless(apikey.ValidAccount(api.Account), what+"account: want 12 digits, not %q", api.Account)
		r.unless(form(apiPattern, api.API), what+"api: want an API's id, not %q", api.API)
		r.unless(slices.Contains(apiKinds, api.Kind), what+"kind: want one of %v, not %q", apiKinds, api.Kind)
		only := len(s.Regions) < 2 && api.Region == ""
		r.unless(only || slices.Contains(s.Regions, api.Region), what+"region: want the one of regions whose authorizer the API calls, not %q", api.Region)
		one := [3]string{api.Account, cmp.Or(api.Region, s.Primary()), api.API}
		r.unless(!seen[one], what+"%s is listed twice", api.API)
		seen[one] = true
	}
	for _, region := range s.Places() {
		n := len(s.GuardedIn(region))
		r.unless(n <= maxGuarded, "guardedApis: want up to %d in one region, the limit of its authorizer's policy, not %d", maxGuarded, n)
	}
}
