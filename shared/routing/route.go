// Package routing works out which routes of an API the holder of some
// permissions may use. It answers for one request ([Table]) and for a whole API
// at once ([PolicyCompiler]), because a gateway that caches an answer replays it
// for other requests. It decides nothing about keys or organizations.
//
// # Patterns
//
// The pattern of a template has a * for each parameter, and a * matches slashes too.
// So the pattern /a/* of the template /a/{id} also matches /a/b/c, which the template
// does not match. Such paths are the template's overmatch. Its wider copies, each with
// one parameter doubled, have patterns that match the overmatch, here /a/*/*, so a
// policy can deny it. A taker of an overmatch is a template that matches all of it, as
// /a/{rest+} does here.
//
// A survey looks for conflicts. A template has contact with another if the pattern of
// the other matches some of its requests. Whether that is a conflict depends on who
// may use which route. A route is separated from another if some caller may use it and
// not the other. A template is excluded for another if a policy denies its requests to
// some caller who may use the other. An overmatch is spared if no policy denies it to
// a caller who may use both routes. An unlisted HEAD borrows the route of its GET.
package routing

import "github.com/keyward/keyward/shared/permission"

// AnyMethod is the method of a route that accepts every method.
const AnyMethod = "ANY"

// Default is the path of an HTTP API's catch-all route, and Connect that of a
// WebSocket API's handshake. Neither is a path template.
const (
	Default = "$default"
	Connect = "$connect"
)

// Methods returns the HTTP methods that API Gateway supports.
func Methods() []string {
	return []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
}

// API names one API of Amazon API Gateway or AWS AppSync. Account and ID identify
// it. Region and Stage are optional; if they are set, a request must come from
// there.
type API struct {
	// Account is the 12-digit AWS account, ID the API's id.
	Account, ID   string
	Region, Stage string
}

// Same reports whether a and b name the same API. It ignores region and stage.
func (a API) Same(b API) bool { return a.Account == b.Account && a.ID == b.ID }

// Route is a method and a path template, as API Gateway knows them.
type Route struct {
	// Method is an HTTP method or [AnyMethod].
	Method string
	// Path is a template such as "/v1/files/{id}". A last segment {name+}
	// matches the rest of the path.
	Path string
	// Permissions lists the permissions of which a caller needs one. Empty means
	// that every caller whom the API accepts may use the route.
	Permissions []string
}

// OpenTo reports whether a caller who holds these permissions may use the route.
func (r Route) OpenTo(held permission.Set) bool {
	return len(r.Permissions) == 0 || held.HasAny(r.Permissions...)
}

// Opener returns the first permission of the route that is held; empty if none
// is.
func (r Route) Opener(held permission.Set) string {
	for _, name := range r.Permissions {
		if held.Has(name) {
			return name
		}
	}
	return ""
}

// Unlisted says what happens to a request that matches no route of its service.
type Unlisted string

// The zero Unlisted refuses such requests too.
const (
	RefuseUnlisted Unlisted = "refuse"
	// AuthenticateUnlisted allows them to every caller whom the API accepts.
	// An unlisted HEAD needs the permission of its GET, if that is listed.
	AuthenticateUnlisted Unlisted = "authenticate"
)
