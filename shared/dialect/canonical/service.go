package canonical

import (
	"cmp"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/routing"
)

// Service is a service as every answer shows it.
type Service struct {
	ID             string       `json:"id" doc:"The service's id, which is the end of its path."`
	Name           string       `json:"name"`
	Permissions    []Permission `json:"permissions" doc:"The permissions that the service declares."`
	APIs           []API        `json:"apis" doc:"The APIs that belong to the service."`
	Routes         []Route      `json:"routes" doc:"The routes and the permissions that open them."`
	UnlistedRoutes string       `json:"unlistedRoutes" enum:"refuse,authenticate" doc:"What the authorizer does with a request that fits no route: refuse, or authenticate, which lets every valid key of the organization pass."`
	GatewayCache   GatewayCache `json:"gatewayCache"`
	Warnings       []Warning    `json:"warnings,omitzero" doc:"Requests that may be refused although their route is open, because gateways keep answers. Absent if there are none, and in lists."`
	HoldersLeft    int          `json:"holdersLeft,omitzero" doc:"After a change with force: how many keys, policies and users may still hold a permission that was removed. The sweep continues with these within minutes. Absent if none."`
	History
}

// Withdrawal says what is left to do after a service was deleted by force.
type Withdrawal struct {
	HoldersLeft int `json:"holdersLeft" doc:"How many keys, policies and users may still hold a permission that was removed. The sweep continues with these within minutes."`
}

// ServiceList is one page of services.
type ServiceList struct {
	Items []Service `json:"items"`
	Paging
}

// ServiceBody is the body of PUT: everything a caller can write about a service.
type ServiceBody struct {
	ServiceParts
	ID       struct{} `json:"id" wire:"ignored"`
	Warnings struct{} `json:"warnings" wire:"ignored"`
	Left     struct{} `json:"holdersLeft" wire:"ignored"`
	Record
}

// ServiceParts are the parts of a service besides its id.
type ServiceParts struct {
	Name        string       `json:"name" wire:"required"`
	Permissions []Permission `json:"permissions" doc:"The permissions that the service declares. Default: none."`
	APIs        []API        `json:"apis" doc:"The APIs that belong to the service. An API can belong to only one service. Default: none."`
	Routes      []Route      `json:"routes" doc:"The routes and the permissions that open them. Default: none."`
	// UnlistedRoutes is empty for refuse.
	UnlistedRoutes string `json:"unlistedRoutes" enum:"refuse,authenticate" doc:"What the authorizer does with a request that fits no route: refuse, or authenticate, which lets every valid key of the organization pass. A HEAD that is not listed needs the permission of its GET. Default: refuse."`
	// GatewayCache is nil if absent. It limits what keys may do, so an absent one
	// keeps its value.
	GatewayCache *GatewayCache `json:"gatewayCache" wire:"nullable" doc:"Which of the authorizer's answers the gateways keep. If absent, this stays. null means that they keep none."`
}

// GatewayCache describes how the gateways of a service's APIs cache the
// authorizer's answers.
type GatewayCache struct {
	Seconds int      `json:"seconds" doc:"The authorizer's result TTL, 0 to 3600. With 0, nothing is cached. Otherwise, paths can overlap at most 20,000 times, and the kept policy can have at most 512 KiB."`
	By      []string `json:"by" enum:"route,source,host" doc:"What the authorizer's identity sources contain besides Authorization: route (httpMethod and resourcePath, or routeKey), source (identity.sourceIp), host (domainName)."`
}

// Warning says what caching answers costs.
type Warning struct {
	Route  string `json:"route,omitzero" doc:"The route concerned. Absent if all are."`
	Detail string `json:"detail"`
}

// Permission is a permission that a service declares.
type Permission struct {
	Name        string `json:"name" wire:"required" doc:"1 to 64 characters of A-Z, a-z, 0-9, '_', '.', ':' and '-'."`
	Description string `json:"description"`
}

// API names an API of Amazon API Gateway.
type API struct {
	Account string `json:"account" wire:"required" doc:"The 12-digit AWS account."`
	Region  string `json:"region,omitzero" doc:"The AWS Region. Without it, any Region."`
	ID      string `json:"id" wire:"required" doc:"The API's id, such as a1b2c3d4e5."`
	Stage   string `json:"stage,omitzero" doc:"The API's stage. Without it, any stage."`
}

// Route is a route of a service and the permissions that open it.
type Route struct {
	Method      string   `json:"method" wire:"required" enum:"DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT,ANY" doc:"An HTTP method, or ANY."`
	Path        string   `json:"path" wire:"required" doc:"A path as API Gateway writes it, such as /v1/files/{id}, with at most 10 parameters. {name+} as the last segment matches the rest of the path."`
	Permissions []string `json:"permissions" doc:"Any one of these permissions opens the route. If there are none, every valid key of the organization opens it."`
}

// CatalogueEntry is a permission in an organization's catalogue.
type CatalogueEntry struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Service     string `json:"service,omitzero" doc:"The id of the service that declares it. Absent for Keyward's own permissions."`
}

// PermissionList is a whole catalogue, by name.
type PermissionList struct {
	Items []CatalogueEntry `json:"items"`
}

// Draft returns the parts as a draft for the rules.
func (p ServiceParts) Draft() apikey.ServiceDraft {
	draft := apikey.ServiceDraft{Name: p.Name}
	for _, permission := range p.Permissions {
		draft.Permissions = append(draft.Permissions, apikey.Permission{Name: permission.Name, Description: permission.Description})
	}
	for _, api := range p.APIs {
		draft.APIs = append(draft.APIs, routing.API{Account: api.Account, ID: api.ID, Region: api.Region, Stage: api.Stage})
	}
	for _, route := range p.Routes {
		draft.Routes = append(draft.Routes, routing.Route(route))
	}
	cache := orZero(p.GatewayCache)
	draft.Unlisted, draft.KeepCache, draft.Cache.Seconds = routing.Unlisted(p.UnlistedRoutes), p.GatewayCache == nil, cache.Seconds
	for _, key := range cache.By {
		draft.Cache.By = append(draft.Cache.By, routing.CacheKey(key))
	}
	return draft
}

// FromService returns a service in wire form.
func FromService(s apikey.Service) Service {
	return Service{
		ID: s.ID, Name: s.Name,
		Permissions:    wire.List(s.Permissions, func(p apikey.Permission) Permission { return Permission{p.Name, p.Description} }),
		APIs:           wire.List(s.APIs, func(api routing.API) API { return API{api.Account, api.Region, api.ID, api.Stage} }),
		Routes:         wire.List(s.Routes, func(r routing.Route) Route { return Route{r.Method, r.Path, append([]string{}, r.Permissions...)} }),
		UnlistedRoutes: string(cmp.Or(s.Unlisted, routing.RefuseUnlisted)),
		GatewayCache:   GatewayCache{s.Cache.Seconds, wire.List(s.Cache.By, func(key routing.CacheKey) string { return string(key) })},
		History:        History{Creator(s.CreatedBy), Modifier(s.LastModifiedBy), Time(s.CreatedOn), Time(s.LastModifiedOn)},
	}
}

// FromServiceWarned returns a service with its warnings in wire form.
func FromServiceWarned(s apikey.Service, warnings []routing.Warning) Service {
	form := FromService(s)
	for _, w := range warnings {
		form.Warnings = append(form.Warnings, Warning(w))
	}
	return form
}

// FromRegistered returns a registered service with its warnings in wire form.
func FromRegistered(r apikey.Registered) Service {
	form := FromServiceWarned(r.Service, r.Warnings)
	form.HoldersLeft = r.Left
	return form
}

// FromServices returns a page of services in wire form.
func FromServices(page apikey.Listed[apikey.Service, string]) ServiceList {
	return ServiceList{wire.List(page.Records, FromService), paging(page.Next, NameCursor, page.Damaged)}
}

// FromCatalogue returns a catalogue in wire form.
func FromCatalogue(catalogue []apikey.Permission) PermissionList {
	return PermissionList{wire.List(catalogue, func(p apikey.Permission) CatalogueEntry { return CatalogueEntry(p) })}
}
