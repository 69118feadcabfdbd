package protect

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// Service is a service's definition for Keyward, and the APIs that Keyward
// guards for it.
type Service struct {
	// ID is the service's own name in Keyward: 2 to 40 characters of a-z, 0-9 and
	// inner hyphens, starting with a letter. An app that deploys the same APIs to
	// several regions uses the same id in each.
	ID string
	// Name is for people; it defaults to the ID.
	Name string
	// APIs are made by [REST], [HTTP], [WebSocket] and [AppSync]: 1 to 20.
	APIs []API
	// Permissions maps the names of the service's permissions to their
	// descriptions. Removing a permission that some key still holds makes the
	// deployment fail.
	Permissions map[string]string
	Routes      Routes
	// CacheSeconds is how long the gateways may cache an answer, 0 to 3600. A
	// revoked key stays valid that much longer. A cached answer is valid for one
	// route, source address and host name.
	CacheSeconds int
}

// Limits of a service, which Keyward enforces too.
const (
	mostAPIs         = 20
	mostCacheSeconds = 3600
)

// Protect puts the APIs of a service behind Keyward. Routes may be added to them
// before or after. The app's Synth reports faults.
func (k *Keyward) Protect(id string, s Service) constructs.Construct {
	scope := constructs.NewConstruct(k.Construct, jsii.String(id))
	faults := append(s.faults(), k.faults(s)...)
	g := &guard{service: s, scope: scope}
	report(scope, func() []string { return append(faults, g.faults()...) })
	if len(faults) > 0 || !k.sound {
		return scope
	}
	for _, api := range s.APIs {
		g.attached = append(g.attached, api.attach(k.authorizer, s))
		g.asked = append(g.asked, api.asks())
		k.authorizer.letCall(api)
	}
	awscdk.Aspects_Of(g.stage()).Add(g, nil)
	k.registerService(scope, s)
	return scope
}

// faults returns the faults of a service with this deployment of Keyward.
func (k *Keyward) faults(s Service) (faults []string) {
	for i, api := range s.APIs {
		if k.sound && api.kind != nil {
			if fault := k.authorizer.fault(api); fault != "" {
				faults = append(faults, fmt.Sprintf("Service.APIs[%d]: %s", i, fault))
			}
		}
	}
	return faults
}

// faults returns the faults that can be found before the APIs are complete.
func (s Service) faults() (faults []string) {
	if !apikey.OrgID(s.ID).Valid() { // services follow the same rule
		faults = append(faults, "Service.ID: want a name of 2 to 40 characters of a-z, 0-9 and inner hyphens, starting with a letter")
	}
	if len(s.APIs) == 0 || len(s.APIs) > mostAPIs {
		faults = append(faults, fmt.Sprintf("Service.APIs: want 1 to %d", mostAPIs))
	}
	seen := map[string]bool{}
	for i, api := range s.APIs {
		fault := api.fault()
		if api.kind != nil {
			path := *api.construct().Node().Path()
			if seen[path] {
				fault = "the API " + path + " is listed twice"
			}
			seen[path] = true
		}
		if fault != "" {
			faults = append(faults, fmt.Sprintf("Service.APIs[%d]: %s", i, fault))
		}
	}
	if s.CacheSeconds < 0 || s.CacheSeconds > mostCacheSeconds {
		faults = append(faults, fmt.Sprintf("Service.CacheSeconds: want 0 to %d, not %d", mostCacheSeconds, s.CacheSeconds))
	}
	faults = append(faults, s.Routes.faults(s.Permissions)...)
	if len(faults) > 0 {
		return faults
	}
	return s.unregistrable()
}

// unregistrable returns the faults for which Keyward would refuse the
// registration, according to Keyward's own rule.
func (s Service) unregistrable() (faults []string) {
	draft := apikey.ServiceDraft{Name: cmp.Or(s.Name, s.ID), Routes: s.Routes.registered(), Cache: routing.GatewayCache{Seconds: s.CacheSeconds}}
	for _, permission := range s.declared() {
		draft.Permissions = append(draft.Permissions, apikey.Permission{Name: permission["name"], Description: permission["description"]})
	}
	if s.CacheSeconds > 0 {
		draft.Cache.By = routing.CacheKeys()
	}
	for _, fault := range draft.Check(s.ID) {
		faults = append(faults, fmt.Sprintf("%s: Keyward would refuse it: %s", fieldOf(draft, fault.Field), fault.Detail))
	}
	return faults
}

// fieldOf returns the field of [Service] that a registration's field was made from.
func fieldOf(draft apikey.ServiceDraft, field string) string {
	var i int
	if n, _ := fmt.Sscanf(field, "routes[%d]", &i); n == 1 {
		return routeField(draft.Routes[i].Method + " " + draft.Routes[i].Path)
	}
	if n, _ := fmt.Sscanf(field, "permissions[%d]", &i); n == 1 {
		return fmt.Sprintf("Service.Permissions[%q]", draft.Permissions[i].Name)
	}
	return "Service." + strings.ToUpper(field[:1]) + field[1:]
}

// declared returns the permissions as Keyward registers them.
func (s Service) declared() []map[string]string {
	all := []map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.Permissions)) {
		all = append(all, map[string]string{"name": name, "description": s.Permissions[name]})
	}
	return all
}
