package dynamo

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// serviceAttributes reads or writes a whole service. It is stored once for the
// organization and once under each API, so that the authorizer can read it by a
// request's API.
func serviceAttributes(c *codec, service *apikey.Service) {
	c.text("id", &service.ID)
	textOf(c, "org", &service.Org)
	if service.Org != "" && !service.Org.Valid() {
		c.fail("org", "is not an organization's id")
	}
	c.text("name", &service.Name)
	mapsOf(c, "routes", &service.Routes, func(c *codec, route *routing.Route) {
		c.text("method", &route.Method)
		c.text("path", &route.Path)
		c.texts("permissions", &route.Permissions)
	})
	// Services of the first version lack all of these.
	first := !c.later("permissions", "version", "createdOn", "modifiedOn", "createdByName", "createdByID", "modifiedByName", "modifiedByID")
	mapsOf(c, "apis", &service.APIs, func(c *codec, api *routing.API) {
		c.text("account", &api.Account)
		c.text("id", &api.ID)
		if !first {
			c.text("region", &api.Region)
			c.text("stage", &api.Stage)
		}
	})
	if !first {
		c.permissionList("permissions", &service.Permissions)
		numeric(c, "version", &service.Version, 1)
		c.history(&service.CreatedBy, &service.LastModifiedBy, &service.CreatedOn, &service.LastModifiedOn)
	}
	service.Unlisted = cmp.Or(service.Unlisted, routing.RefuseUnlisted)
	if c.later("unlisted", "cacheSeconds", "cacheBy") {
		c.gatewayAttributes(service)
	}
}

// gatewayAttributes reads or writes the attributes that services of earlier versions
// lack. A service without them has the defaults.
func (c *codec) gatewayAttributes(service *apikey.Service) {
	textOf(c, "unlisted", &service.Unlisted)
	numeric(c, "cacheSeconds", &service.Cache.Seconds, 0)
	attribute(c, "cacheBy", &service.Cache.By, func(keys []routing.CacheKey) types.AttributeValue {
		return list(keys, namedText)
	}, (*reader).cacheKeys)
	if service.Unlisted != routing.RefuseUnlisted && service.Unlisted != routing.AuthenticateUnlisted {
		c.fail("unlisted", "is not known")
	}
	if service.Cache.Seconds > routing.MaxCacheSeconds {
		c.fail("cacheSeconds", "is out of range")
	}
}

func (r *reader) cacheKeys(attribute string) (keys []routing.CacheKey) {
	for _, name := range r.texts(attribute) {
		if !slices.Contains(routing.CacheKeys(), routing.CacheKey(name)) {
			r.fail(attribute, "has what is not known")
		}
		keys = append(keys, routing.CacheKey(name))
	}
	return keys
}
