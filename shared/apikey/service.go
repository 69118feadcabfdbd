package apikey

// Service is a set of APIs that the authorizer guards for one organization, and
// the permission that each of their routes needs. An API that belongs to no
// service is refused, and so is a route that its service does not list.
type Service struct {
	// ID is the service's name: 2 to 40 characters of a-z, 0-9 and hyphens.
	ID string
	// Org is the organization whose keys can be used; empty for a service of
	// the deployment itself, which all organizations use.
	Org  OrgID
	Name string
	// APIs are at most [MaxServiceAPIs].
	APIs   []API
	Routes []Route
}

// MaxServiceAPIs is how many APIs a service may have, so that registering them
// fits into one transaction of any store.
const MaxServiceAPIs = 50

// API names one API of Amazon API Gateway.
type API struct {
	// Account is the 12-digit AWS account, ID the API's id.
	Account, ID string
}

// Route is a method and a path template, as API Gateway knows them.
type Route struct {
	// Method is an HTTP method, or "ANY".
	Method string
	// Path is a template such as "/v1/files/{id}"; a last segment {name+}
	// takes all that follows.
	Path string
	// Permissions opens the route to a key that holds any one of them; empty,
	// to every valid key of the organization.
	Permissions []string
}
