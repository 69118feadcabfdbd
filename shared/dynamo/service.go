package dynamo

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// serviceItem encodes a whole service. It is stored once for the organization
// and once under each API, so that the authorizer can read it by a request's
// API.
func serviceItem(service apikey.Service) item {
	encoded := item{
		"id":          text(service.ID),
		"org":         text(string(service.Org)),
		"name":        text(service.Name),
		"permissions": permissionList(service.Permissions),
		"apis": list(service.APIs, func(api routing.API) types.AttributeValue {
			return mapOf(item{"account": text(api.Account), "id": text(api.ID), "region": text(api.Region), "stage": text(api.Stage)})
		}),
		"routes": list(service.Routes, func(route routing.Route) types.AttributeValue {
			return mapOf(item{"method": text(route.Method), "path": text(route.Path), "permissions": texts(route.Permissions)})
		}),
		"unlisted":     text(string(cmp.Or(service.Unlisted, routing.RefuseUnlisted))),
		"cacheSeconds": number(service.Cache.Seconds),
		"cacheBy":      list(service.Cache.By, func(key routing.CacheKey) types.AttributeValue { return text(string(key)) }),
		"version":      number(service.Version),
	}
	putHistory(encoded, service.CreatedBy, service.LastModifiedBy, service.CreatedOn, service.LastModifiedOn)
	return encoded
}

func decodeService(encoded item) (apikey.Service, error) {
	r := &reader{item: encoded}
	service := apikey.Service{
		ID:   r.text("id"),
		Org:  apikey.OrgID(r.text("org")),
		Name: r.text("name"),
		Routes: mapsOf(r, "routes", func(r *reader) routing.Route {
			return routing.Route{Method: r.text("method"), Path: r.text("path"), Permissions: r.texts("permissions")}
		}),
	}
	if service.Org != "" && !service.Org.Valid() {
		r.fail("org", "is not an organization's id")
	}
	if r.lacks("permissions", "version", "createdOn", "modifiedOn", "createdByName", "createdByID", "modifiedByName", "modifiedByID") {
		service.APIs = mapsOf(r, "apis", func(r *reader) routing.API {
			return routing.API{Account: r.text("account"), ID: r.text("id")}
		})
	} else {
		r.laterServiceAttributes(&service)
	}
	service.Unlisted = routing.RefuseUnlisted
	if !r.lacks("unlisted", "cacheSeconds", "cacheBy") {
		r.gatewayAttributes(&service)
	}
	return service, r.err
}

// laterServiceAttributes reads the attributes that services of the first
// version lack.
func (r *reader) laterServiceAttributes(service *apikey.Service) {
	service.APIs = mapsOf(r, "apis", func(r *reader) routing.API {
		return routing.API{Account: r.text("account"), ID: r.text("id"), Region: r.text("region"), Stage: r.text("stage")}
	})
	service.Permissions = r.permissionList("permissions")
	service.Version = r.number("version", 1)
	service.CreatedBy, service.LastModifiedBy, service.CreatedOn, service.LastModifiedOn = r.history()
}

// gatewayAttributes reads the attributes that services of earlier versions
// lack. If they are missing, the service has the defaults.
func (r *reader) gatewayAttributes(service *apikey.Service) {
	service.Unlisted = routing.Unlisted(r.text("unlisted"))
	if service.Unlisted != routing.RefuseUnlisted && service.Unlisted != routing.AuthenticateUnlisted {
		r.fail("unlisted", "is not known")
	}
	if service.Cache.Seconds = int(r.number("cacheSeconds", 0)); service.Cache.Seconds > routing.MaxCacheSeconds {
		r.fail("cacheSeconds", "is out of range")
	}
	for _, name := range r.texts("cacheBy") {
		if !slices.Contains(routing.CacheKeys(), routing.CacheKey(name)) {
			r.fail("cacheBy", "has what is not known")
		}
		service.Cache.By = append(service.Cache.By, routing.CacheKey(name))
	}
}
