package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// How the global names choose among regions.
const (
	// Latency sends a caller to the healthy region with the lowest latency.
	Latency = "latency"
	// Failover sends everyone to the first region, and to the second while the
	// first is unhealthy.
	Failover = "failover"
)

// NoZone stands in place of a zone's id: the owner creates the domain's names,
// and Keyward only reads them.
const NoZone = "none"

// The kinds of APIs that can call the authorizer.
const (
	REST      = "rest"
	HTTP      = "http"
	WebSocket = "websocket"
	AppSync   = "appsync"
)

var apiKinds = []string{REST, HTTP, WebSocket, AppSync}

// Primary returns the region of the original keys and of the tables' stack.
// CloudFormation cannot move either, so it stays when the home moves. It is
// empty if the credentials decide.
func (s *Settings) Primary() string {
	if len(s.Regions) == 0 {
		return ""
	}
	return s.Regions[0]
}

// HomeRegion returns the region that writes; the others only read their
// replicas. It is empty if the credentials decide.
func (s *Settings) HomeRegion() string { return cmp.Or(s.Home, s.Primary()) }

// Replicas returns the regions besides the home.
func (s *Settings) Replicas() []string {
	return slices.DeleteFunc(slices.Clone(s.Regions), func(region string) bool { return region == s.HomeRegion() })
}

// ReplicaTables returns the regions besides the home with their main tables:
// the value of [operations.EnvReplicas].
func (s *Settings) ReplicaTables() string {
	var all []string
	for _, region := range s.Replicas() {
		all = append(all, region+"="+s.Name)
	}
	return strings.Join(all, ",")
}

// Places returns the regions to deploy to, at least one. The name is empty if
// the credentials decide.
func (s *Settings) Places() []string {
	if len(s.Regions) == 0 {
		return []string{""}
	}
	return s.Regions
}

// NeedsKeyIDs reports whether only the keys' stack can be deployed now. The other
// regions need the keys' ids, which exist only after that stack is deployed.
func (s *Settings) NeedsKeyIDs() bool { return len(s.Regions) > 1 && s.KeyIDs == nil }

// Base returns what stands before the API's paths in its URLs, as a gateway
// response writes it: the stage, or nothing behind a domain. A domain that the
// owner maps to a path of its own has another one, which nothing here knows.
func (s *Settings) Base() string {
	if s.Domain != "" {
		return ""
	}
	return "/$context.stage"
}

// Named reports whether Keyward creates the domain's names.
func (s *Settings) Named() bool { return s.HostedZoneID != "" && s.HostedZoneID != NoZone }

// TableRegion returns the region whose tables an operation uses if its function
// runs in region. That is the home, unless the operation only reads.
func (s *Settings) TableRegion(op operations.Operation, region string) string {
	if slices.Contains(op.Environment, operations.EnvHomeRegion) {
		return s.HomeRegion()
	}
	return region
}

// KeyRegions returns the regions whose table keys an operation's function in region
// uses: those of its tables, of the replicas that it reads, and of its stream, which
// is in its own region.
func (s *Settings) KeyRegions(op operations.Operation, region string) []string {
	tables := s.TableRegion(op, region)
	if op.Uses(operations.Replicas) {
		return append([]string{tables}, s.Replicas()...)
	}
	if op.Stream == "" || tables == region {
		return []string{tables}
	}
	return []string{tables, region}
}

// FunctionsIn returns the functions of a region. Functions without a route, such
// as the sweep, run only in the home. Those that a stream invokes run only in the
// primary region: only its streams are known before deployment, they have the
// changes of every home, and the owner's bus is there. The console runs everywhere,
// unless it is turned off.
func (s *Settings) FunctionsIn(region string) []Function {
	return slices.DeleteFunc(Functions(), func(f Function) bool {
		switch {
		case f.Name == operations.Console:
			return !s.Console
		case f.Stream != "":
			return region != s.Primary()
		case f.Direct() && f.Name != operations.Authorizer.Name:
			return region != s.HomeRegion()
		}
		return false
	})
}

// DeadLetters returns the name of the queue for what a function could not handle
// of its stream.
func (s *Settings) DeadLetters(op operations.Operation) string {
	return s.Name + "-" + op.Name + "-dead-letters"
}

// StreamExport returns the name under which the tables' stack exports the ARN of
// a table's stream in the primary region.
func (s *Settings) StreamExport(table operations.Resource) string {
	return s.GlobalStack() + "-" + string(operations.StreamOf(table))
}

// GuardedIn returns the foreign APIs that use the region's authorizer.
func (s *Settings) GuardedIn(region string) []GuardedAPI {
	var guarded []GuardedAPI
	for _, api := range s.GuardedAPIs {
		if cmp.Or(api.Region, s.Primary()) == region {
			guarded = append(guarded, api)
		}
	}
	return guarded
}

// Caller returns who calls the authorizer for an API: the service, and the
// pattern of the source ARN in the API's region and partition. For API Gateway
// the source is the API's authorizers; for AppSync, the API.
func (a GuardedAPI) Caller(partition, region string) (principal, source string) {
	if a.Kind == AppSync {
		return "appsync.amazonaws.com", "arn:" + partition + ":appsync:" + region + ":" + a.Account + ":apis/" + a.API
	}
	return "apigateway.amazonaws.com", "arn:" + partition + ":execute-api:" + region + ":" + a.Account + ":" + a.API + "/authorizers/*"
}

// Partition returns the group of regions, such as aws-cn, that a region belongs
// to. Partitions share nothing.
func Partition(region string) string {
	for _, p := range [][2]string{
		{"cn-", "aws-cn"}, {"us-gov-", "aws-us-gov"}, {"us-iso-", "aws-iso"}, {"us-isob-", "aws-iso-b"},
		{"eu-isoe-", "aws-iso-e"}, {"us-isof-", "aws-iso-f"}, {"eusc-", "aws-eusc"},
	} {
		if strings.HasPrefix(region, p[0]) {
			return p[1]
		}
	}
	return "aws"
}

// Key is one of the three KMS keys. They are separate because each is disabled
// for a different reason.
type Key struct {
	Resource operations.Resource
	// Purpose is the suffix of the key's alias, and names its id in the settings.
	Purpose string
	// LogicalID identifies the key in a template.
	LogicalID, Description string
}

// Keys lists the three keys. All are multi-Region, which cannot be changed
// later.
var Keys = []Key{
	{operations.TableKey, "tables", "TableKey", "Encrypts Keyward's tables"},
	{operations.PepperKey, "peppers", "PepperKey", "Wraps Keyward's peppers"},
	{operations.SecretsKey, "secrets", "SecretsKey", "Encrypts Keyward's copies of recoverable keys"},
}

// KeysStack returns the name of the keys' stack.
func (s *Settings) KeysStack() string { return s.Name + "-keys" }

// ReplicaKeysStack returns the name of the stack of a region's key replicas.
func (s *Settings) ReplicaKeysStack(region string) string { return s.Name + "-keys-" + region }

// GlobalStack returns the name of the tables' stack.
func (s *Settings) GlobalStack() string { return s.Name + "-global" }

// RegionalStack returns the name of the stack of a region's functions and API.
// It ends in "regional" if the credentials decide the region.
func (s *Settings) RegionalStack(region string) string {
	return s.Name + "-" + cmp.Or(region, "regional")
}
