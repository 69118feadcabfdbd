package protect

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/routing"
)

// Routes says who may use each route of a service's APIs. A key is a method and
// a path as API Gateway knows them, such as "GET /v1/files/{id}" or "ANY
// /{proxy+}". "$default" is an HTTP API's default route, "$connect" a WebSocket
// API's handshake, and "POST /graphql" an AppSync API. Every route of every API
// must be listed, and every listed route must exist. Preflights created by CDK
// need not be listed, because browsers send them without a key.
type Routes map[string]Access

// Access says who may use a route. Make one with [Needs], [AnyKey] or [Public].
type Access struct {
	how         how
	permissions []string
}

type how int

const (
	undecided how = iota
	byKey
	openToAll
)

// Needs opens a route to keys that hold at least one of the permissions.
func Needs(permission string, or ...string) Access {
	return Access{byKey, append([]string{permission}, or...)}
}

// AnyKey opens a route to every valid key of the organization.
func AnyKey() Access { return Access{how: byKey} }

// Public leaves a route without Keyward. It is open to everyone unless the API
// itself has another way to refuse.
func Public() Access { return Access{how: openToAll} }

const (
	catchAll  = "$default"
	handshake = "$connect"
	graphQL   = "POST /graphql"
)

var routeForm = regexp.MustCompile(`^((GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY) /\S*|\$default|\$connect)$`)

// faults returns the faults that the routes have with any APIs.
func (r Routes) faults(declared map[string]string) (faults []string) {
	if len(r) == 0 {
		return []string{"Service.Routes: there are none: say who may use each route of the APIs"}
	}
	for _, name := range slices.Sorted(maps.Keys(r)) {
		field := routeField(name)
		if !routeForm.MatchString(name) {
			faults = append(faults, field+": want a method and a path, such as GET /v1/files/{id}, or $default or $connect")
		}
		if r[name].how == undecided {
			faults = append(faults, field+": say Needs, AnyKey or Public")
		}
		for _, permission := range r[name].permissions {
			if _, known := declared[permission]; !known && !apikey.OwnPermissions().Has(permission) {
				faults = append(faults, fmt.Sprintf("%s: the permission %q is neither in Service.Permissions nor Keyward's own", field, permission))
			}
		}
	}
	return faults
}

func routeField(name string) string { return fmt.Sprintf("Service.Routes[%q]", name) }

// registered returns the routes that Keyward decides on, in the form that it
// registers.
func (r Routes) registered() (all []routing.Route) {
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if r[name].how != byKey {
			continue
		}
		method, path, _ := strings.Cut(name, " ")
		switch name {
		case catchAll:
			method, path = operations.Any, catchAll
		case handshake:
			method, path = "GET", handshake
		}
		all = append(all, routing.Route{Method: method, Path: path, Permissions: r[name].permissions})
	}
	return all
}
