// Package settings parses a function's environment into typed settings and
// reports all its faults at once.
package settings

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/routing"
)

// Settings holds a function's settings. Those that its operation does not use
// are zero.
type Settings struct {
	// Region is the AWS region, from AWS_REGION.
	Region string
	// HomeRegion is the region of the tables that the function uses; empty for its
	// own region.
	HomeRegion string
	// DynamoDBEndpoint, KMSEndpoint and EventBridgeEndpoint replace the region's
	// endpoints if set. They come from the AWS SDK's AWS_ENDPOINT_URL_DYNAMODB,
	// AWS_ENDPOINT_URL_KMS and AWS_ENDPOINT_URL_EVENTBRIDGE.
	DynamoDBEndpoint, KMSEndpoint, EventBridgeEndpoint string
	Credentials                                        Credentials

	Table, AuditTable, SecretsTable, UsageTable string
	PepperKey, SecretsKey                       string
	CacheTTL, PepperMaxAge, UsageInterval       time.Duration
	ManagementAPI                               routing.API
	// GitHubKeys is the URL of the keys with which GitHub signs its reports.
	GitHubKeys string
	// Replicas maps the regions besides the home to their main tables.
	Replicas map[string]string
	// OIDC describes whose access tokens are accepted; without an Issuer, none are.
	OIDC OIDC
	// NoMetrics turns metrics off.
	NoMetrics bool
	// Domain is the domain whose subdomains name organizations, or "".
	Domain string
	// EventBus is the name or ARN of the bus that gets the events.
	EventBus string
	// ConsoleClient is the console's id at the issuer, or "". ConsoleTokens is the
	// issuer's token endpoint if that is on another host.
	ConsoleClient, ConsoleTokens string
}

// OIDC describes an OpenID Connect issuer: the audience of its tokens, the claim
// with a user's e-mail address, whether the issuer verifies addresses in the
// "email" claim, whether a token without an audience is meant for the client
// that has it, and the users' organization.
type OIDC struct {
	Issuer, Audience, Claim string
	VerifiesEmail           bool
	ClientAudience          bool
	Organization            apikey.OrgID
}

// Credentials are the function's own, as Lambda provides them. They print as the
// access key's id only.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// String returns the access key's id.
func (c Credentials) String() string { return c.AccessKeyID }

// GoString returns the access key's id.
func (c Credentials) GoString() string { return c.AccessKeyID }

// LogValue returns the access key's id, for slog.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.AccessKeyID) }

// Read returns the settings of op's function. lookup is os.LookupEnv, or a
// test's own. The error names every variable that is missing or wrong.
func Read(op operations.Operation, lookup func(string) (string, bool)) (Settings, error) {
	r := reader{lookup: lookup}
	s := Settings{}
	if len(op.Access) > 0 {
		r.readAWS(&s)
	}
	for _, name := range op.Environment {
		r.read(name, &s)
	}
	return s, errors.Join(r.faults...)
}

type reader struct {
	lookup func(string) (string, bool)
	faults []error
}

// readAWS reads the variables of Lambda and the AWS SDK.
func (r *reader) readAWS(s *Settings) {
	s.Region = r.required("AWS_REGION")
	s.DynamoDBEndpoint = r.optional("AWS_ENDPOINT_URL_DYNAMODB", "")
	s.KMSEndpoint = r.optional("AWS_ENDPOINT_URL_KMS", "")
	s.EventBridgeEndpoint = r.optional("AWS_ENDPOINT_URL_EVENTBRIDGE", "")
	s.Credentials = Credentials{
		r.required("AWS_ACCESS_KEY_ID"), r.required("AWS_SECRET_ACCESS_KEY"), r.optional("AWS_SESSION_TOKEN", ""),
	}
}

// read reads a variable that an operation names.
func (r *reader) read(name string, s *Settings) {
	switch name {
	case operations.EnvHomeRegion:
		s.HomeRegion = r.region(name)
	case operations.EnvReplicas:
		s.Replicas = r.replicas(name)
	case operations.EnvTable:
		s.Table = r.required(name)
	case operations.EnvAuditTable:
		s.AuditTable = r.required(name)
	case operations.EnvSecretsTable:
		s.SecretsTable = r.required(name)
	case operations.EnvUsageTable:
		s.UsageTable = r.required(name)
	case operations.EnvPepperKey:
		s.PepperKey = r.required(name)
	case operations.EnvSecretsKey:
		s.SecretsKey = r.required(name)
	case operations.EnvCacheTTL:
		s.CacheTTL = r.seconds(name, operations.CacheTTL)
	case operations.EnvUsageInterval:
		s.UsageInterval = r.seconds(name, operations.UsageInterval)
	case operations.EnvPepperMaxAge:
		s.PepperMaxAge = r.seconds(name, operations.PepperMaxAge)
	case operations.EnvManagementAPI:
		s.ManagementAPI = r.api(name)
	case operations.EnvGitHubKeys:
		s.GitHubKeys = r.url(name, operations.GitHubKeys)
	case operations.EnvOIDCIssuer:
		s.OIDC = r.oidc()
	case operations.EnvMetrics:
		s.NoMetrics = !r.switched(name, true)
	case operations.EnvEventBus:
		s.EventBus = r.required(name)
	case operations.EnvConsoleClient:
		s.ConsoleClient = r.optional(name, "")
	case operations.EnvConsoleTokens:
		if r.optional(name, "") != "" {
			s.ConsoleTokens = r.url(name, "")
		}
	case operations.EnvDomain:
		s.Domain = r.domain(name)
	case operations.EnvOIDCAudience, operations.EnvOIDCClaim, operations.EnvOIDCVerifiesEmail, operations.EnvOIDCClientAudience, operations.EnvOIDCOrganization:
		// They are read with the issuer.
	default:
		r.fault("%s: the operation names it, but nothing reads it", name)
	}
}

func (r *reader) fault(format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf(format, args...))
}

func (r *reader) optional(name, otherwise string) string {
	if value, ok := r.lookup(name); ok && value != "" {
		return value
	}
	return otherwise
}

func (r *reader) required(name string) string {
	value := r.optional(name, "")
	if value == "" {
		r.fault("%s is not set", name)
	}
	return value
}

func (r *reader) seconds(name string, may operations.Seconds) time.Duration {
	text := r.optional(name, strconv.Itoa(may.Default))
	n, err := strconv.Atoi(text)
	if err != nil || n < may.Least || n > may.Most {
		r.fault("%s is %q: want whole seconds from %d to %d", name, text, may.Least, may.Most)
		return 0
	}
	return time.Duration(n) * time.Second
}

func (r *reader) switched(name string, otherwise bool) bool {
	switch text := r.optional(name, ""); text {
	case "":
		return otherwise
	case operations.Switch(true), operations.Switch(false):
		return text == operations.Switch(true)
	default:
		r.fault("%s is %q: want on or off", name, text)
		return otherwise
	}
}

func (r *reader) api(name string) routing.API {
	text := r.required(name)
	account, id, ok := strings.Cut(text, "/")
	if text != "" && (!ok || account == "" || id == "" || strings.Contains(id, "/")) {
		r.fault("%s is %q: want ACCOUNT/API_ID", name, text)
	}
	return routing.API{Account: account, ID: id}
}

// oidc parses the settings of the issuer of access tokens: all or none must be
// set.
func (r *reader) oidc() OIDC {
	issuer := r.optional(operations.EnvOIDCIssuer, "")
	o := OIDC{
		Issuer:         issuer,
		Audience:       r.optional(operations.EnvOIDCAudience, ""),
		Claim:          r.optional(operations.EnvOIDCClaim, "email"),
		VerifiesEmail:  r.switched(operations.EnvOIDCVerifiesEmail, false),
		ClientAudience: r.switched(operations.EnvOIDCClientAudience, false),
		Organization:   apikey.OrgID(r.optional(operations.EnvOIDCOrganization, "")),
	}
	if on := issuer != ""; on != (o.Audience != "") || on != (o.Organization != "") {
		r.fault("%s, %s and %s: set all or none", operations.EnvOIDCIssuer, operations.EnvOIDCAudience, operations.EnvOIDCOrganization)
	}
	if o.Organization != "" && !o.Organization.Valid() {
		r.fault("%s is %q: want 2 to 40 characters of a-z, 0-9 and inner hyphens, starting with a letter", operations.EnvOIDCOrganization, o.Organization)
	}
	return o
}
