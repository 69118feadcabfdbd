package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

func orgPartition(id apikey.OrgID) string { return "ORG#" + string(id) }

func orgKey(id apikey.OrgID) item { return primaryKey(orgPartition(id), "ORG") }

// orgItem is an organization that has no keys yet.
func orgItem(org apikey.Organization) item {
	encoded := orgKey(org.ID)
	encoded["id"] = text(string(org.ID))
	encoded["name"] = text(org.Name)
	encoded["keyPrefix"] = text(org.KeyPrefix)
	encoded["maxKeys"] = number(org.MaxKeys)
	encoded["keyCount"] = number(0)
	encoded["declared"] = encodeDeclared(org.Declared)
	encoded["createdOn"] = moment(org.CreatedOn)
	encoded["version"] = number(org.Version)
	return encoded
}

func encodeDeclared(declared []apikey.Permission) types.AttributeValue {
	return list(declared, func(p apikey.Permission) types.AttributeValue {
		return mapOf(item{"name": text(p.Name), "description": text(p.Description)})
	})
}

func decodeOrganization(encoded item) (apikey.Organization, error) {
	r := &reader{item: encoded}
	org := apikey.Organization{
		ID:        r.org("id"),
		Name:      r.text("name"),
		KeyPrefix: r.text("keyPrefix"),
		MaxKeys:   int(r.number("maxKeys", 0)),
		KeyCount:  int(r.number("keyCount", 0)),
		Declared: mapsOf(r, "declared", func(r *reader) apikey.Permission {
			return apikey.Permission{Name: r.text("name"), Description: r.text("description")}
		}),
		CreatedOn: r.moment("createdOn"),
		Version:   r.number("version", 1),
	}
	if r.err != nil {
		return apikey.Organization{}, r.err
	}
	return org, nil
}
