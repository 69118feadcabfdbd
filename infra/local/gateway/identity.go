package gateway

import (
	"slices"
	"strings"
)

// Source is an identity source of an authorizer: a part of the request that must
// be present, and whose value is part of the cache key.
type Source int

// The identity sources besides the Authorization header. AWS names them
// context.httpMethod with context.resourcePath (HTTP APIs: $context.routeKey),
// context.identity.sourceIp and context.domainName.
const (
	RouteSource Source = iota
	AddressSource
	HostSource
)

// value returns the request's value of a source, or "".
func (s Source) value(c *call) string {
	switch s {
	case RouteSource:
		return c.route.Method + " " + c.route.Path
	case AddressSource:
		return c.source
	case HostSource:
		return c.domain()
	default:
		return ""
	}
}

// identify reads the values of the API's identity sources. A missing one is a
// refusal, for which the authorizer is not called.
func (c *call) identify() error {
	c.identity = []string{strings.Join(c.http.Header.Values("Authorization"), ",")}
	if c.api.hasMoreSources() {
		for _, source := range c.api.Authorizer.Sources {
			c.identity = append(c.identity, source.value(c))
		}
	}
	if slices.Contains(c.identity, "") {
		return refused(unauthenticated, "an identity source is missing")
	}
	if c.api.Kind == GraphQL && isBearer(c.identity[0]) {
		return refused(unauthenticated, "AppSync takes no Bearer token")
	}
	return nil
}

func (a *API) hasMoreSources() bool {
	return a.Kind != GraphQL && (a.Kind != REST || a.Authorizer.Shape != TokenShape)
}

func isBearer(header string) bool {
	scheme, _, found := strings.Cut(header, " ")
	return found && strings.EqualFold(scheme, "Bearer")
}
