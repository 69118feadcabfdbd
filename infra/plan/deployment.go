package plan

import (
	"cmp"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// The ways in which the global names choose among regions.
const (
	// Latency leads a caller to the healthy region that answers it soonest.
	Latency = "latency"
	// Failover leads everybody to the first region, and while that is not
	// healthy to the second.
	Failover = "failover"
)

// NoZone says, in place of a zone's id, that the names of a domain are made by
// the owner, and that Keyward only reads them.
const NoZone = "none"

// The kinds of APIs that can call the authorizer.
const (
	REST      = "rest"
	HTTP      = "http"
	WebSocket = "websocket"
	AppSync   = "appsync"
)

var apiKinds = []string{REST, HTTP, WebSocket, AppSync}

// Primary is the region of the keys that others replicate, and of the stack of
// the tables. CloudFormation cannot move either, so it stays when the home
// moves. Empty where the credentials decide.
func (s *Settings) Primary() string {
	if len(s.Regions) == 0 {
		return ""
	}
	return s.Regions[0]
}

// HomeRegion is the region that writes; the others hold replicas, which they
// only read. Empty where the credentials decide.
func (s *Settings) HomeRegion() string { return cmp.Or(s.Home, s.Primary()) }

// Places are the regions that are deployed to: at least one, whose name is empty
// where the credentials decide.
func (s *Settings) Places() []string {
	if len(s.Regions) == 0 {
		return []string{""}
	}
	return s.Regions
}

// NeedsKeyIDs reports whether only the stack of keys can be deployed: the ids
// that the other regions need are known once it is.
func (s *Settings) NeedsKeyIDs() bool { return len(s.Regions) > 1 && s.KeyIDs == nil }

// Named reports whether Keyward makes the domain's names.
func (s *Settings) Named() bool { return s.HostedZoneID != "" && s.HostedZoneID != NoZone }

// TableRegion is the region whose tables an operation uses, when its function is
// in that region: the home, unless it only reads.
func (s *Settings) TableRegion(op operations.Operation, region string) string {
	if slices.Contains(op.Environment, operations.EnvHomeRegion) {
		return s.HomeRegion()
	}
	return region
}

// FunctionsIn are the functions of a region. What no route leads to, such as the
// sweep, is for the home alone.
func (s *Settings) FunctionsIn(region string) []Function {
	functions := Functions()
	if region == s.HomeRegion() {
		return functions
	}
	return slices.DeleteFunc(functions, func(f Function) bool {
		return f.Direct() && f.Name != operations.Authorizer.Name
	})
}

// GuardedIn are the APIs of others whose authorizer is the region's.
func (s *Settings) GuardedIn(region string) []GuardedAPI {
	var guarded []GuardedAPI
	for _, api := range s.GuardedAPIs {
		if cmp.Or(api.Region, s.Primary()) == region {
			guarded = append(guarded, api)
		}
	}
	return guarded
}

// Caller is the service that calls the authorizer for an API, and the pattern of
// the ARN in whose name it does, as the API's region and partition spell it: for
// API Gateway the API's authorizers, and for AppSync the API.
func (a GuardedAPI) Caller(partition, region string) (principal, source string) {
	if a.Kind == AppSync {
		return "appsync.amazonaws.com", "arn:" + partition + ":appsync:" + region + ":" + a.Account + ":apis/" + a.API
	}
	return "apigateway.amazonaws.com", "arn:" + partition + ":execute-api:" + region + ":" + a.Account + ":" + a.API + "/authorizers/*"
}

// Partition is the group of regions, such as aws-cn, that a region belongs to.
// Nothing is shared between two groups.
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

// Key is one of the three KMS keys. They are three because they are switched off
// for different reasons.
type Key struct {
	Resource operations.Resource
	// Purpose ends the key's alias, and names its id in the settings.
	Purpose string
	// LogicalID names the key in a template.
	LogicalID, Description string
}

// Keys are the three. All are multi-Region, which cannot be changed later.
var Keys = []Key{
	{operations.TableKey, "tables", "TableKey", "Encrypts Keyward's tables"},
	{operations.PepperKey, "peppers", "PepperKey", "Wraps Keyward's peppers"},
	{operations.SecretsKey, "secrets", "SecretsKey", "Encrypts Keyward's copies of recoverable keys"},
}

// KeysStack is the name of the stack of the keys.
func (s *Settings) KeysStack() string { return s.Name + "-keys" }

// ReplicaKeysStack is the name of the stack of a region's replicas of the keys.
func (s *Settings) ReplicaKeysStack(region string) string { return s.Name + "-keys-" + region }

// GlobalStack is the name of the stack of the tables.
func (s *Settings) GlobalStack() string { return s.Name + "-global" }

// RegionalStack is the name of the stack of a region's functions and API: it
// ends in "regional" where the credentials decide the region.
func (s *Settings) RegionalStack(region string) string {
	return s.Name + "-" + cmp.Or(region, "regional")
}
