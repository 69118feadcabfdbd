package dynamo

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

const pepperPartition = "PEPPER"

func apiKey(api apikey.API) item {
	return primaryKey("API#"+api.Account+"#"+api.ID, "SERVICE")
}

// serviceItem is a whole service, under one of its APIs: the authorizer reads
// it at once by the API that a request came to.
func serviceItem(api apikey.API, service apikey.Service) item {
	encoded := apiKey(api)
	encoded["id"] = text(service.ID)
	encoded["org"] = text(string(service.Org))
	encoded["name"] = text(service.Name)
	encoded["apis"] = list(service.APIs, func(api apikey.API) types.AttributeValue {
		return mapOf(item{"account": text(api.Account), "id": text(api.ID)})
	})
	encoded["routes"] = list(service.Routes, func(route apikey.Route) types.AttributeValue {
		return mapOf(item{"method": text(route.Method), "path": text(route.Path), "permissions": texts(route.Permissions)})
	})
	return encoded
}

func decodeService(encoded item) (apikey.Service, error) {
	r := &reader{item: encoded}
	service := apikey.Service{
		ID:   r.text("id"),
		Org:  apikey.OrgID(r.text("org")),
		Name: r.text("name"),
		APIs: mapsOf(r, "apis", func(r *reader) apikey.API {
			return apikey.API{Account: r.text("account"), ID: r.text("id")}
		}),
		Routes: mapsOf(r, "routes", func(r *reader) apikey.Route {
			return apikey.Route{Method: r.text("method"), Path: r.text("path"), Permissions: r.texts("permissions")}
		}),
	}
	if service.Org != "" && !service.Org.Valid() {
		r.fail("org", "is not an organization's id")
	}
	if r.err != nil {
		return apikey.Service{}, r.err
	}
	return service, nil
}

func pepperItem(pepper apikey.Pepper) item {
	encoded := primaryKey(pepperPartition, fmt.Sprintf("%010d", pepper.Version))
	encoded["version"] = number(pepper.Version)
	encoded["state"] = text(string(pepper.State))
	encoded["wrapped"] = binary(pepper.Wrapped)
	return encoded
}

func decodePepper(encoded item) (apikey.Pepper, error) {
	r := &reader{item: encoded}
	pepper := apikey.Pepper{
		Version: int(r.number("version", 1)),
		State:   apikey.PepperState(r.text("state")),
		Wrapped: r.bytes("wrapped"),
	}
	switch pepper.State {
	case apikey.PepperActive, apikey.PepperVerifying, apikey.PepperRetired:
	default:
		r.fail("state", "is not a pepper's")
	}
	if len(pepper.Wrapped) == 0 {
		r.fail("wrapped", "is empty")
	}
	if r.err != nil {
		return apikey.Pepper{}, r.err
	}
	return pepper, nil
}
