package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// orgItem is an organization without its count of keys.
func orgItem(org apikey.Organization) item {
	return item{
		"id":             text(string(org.ID)),
		"name":           text(org.Name),
		"keyPrefix":      text(org.KeyPrefix),
		"maxKeys":        number(org.MaxKeys),
		"recoverable":    boolean(org.Recoverable),
		"suspended":      boolean(org.Suspended),
		"maxKeyLifetime": number(int64(org.MaxKeyLifetime)),
		"accounts":       texts(org.Accounts),
		"declared":       permissionList(org.Declared),
		"withdrawn":      texts(org.Withdrawn),
		"owners":         number(org.Owners),
		"representative": text(org.Representative.String()),
		"createdOn":      moment(org.CreatedOn),
		"version":        number(org.Version),
	}
}

func decodeOrganization(encoded item) (apikey.Organization, error) {
	r := &reader{item: encoded}
	org := apikey.Organization{
		ID:        r.org("id"),
		Name:      r.text("name"),
		KeyPrefix: r.text("keyPrefix"),
		MaxKeys:   int(r.number("maxKeys", 0)),
		KeyCount:  int(r.number("keyCount", 0)),
		CreatedOn: r.moment("createdOn"),
		Version:   r.number("version", 1),
	}
	if r.lacks("recoverable", "maxKeyLifetime", "withdrawn", "owners", "representative") {
		org.Declared = mapsOf(r, "declared", func(r *reader) apikey.Permission {
			return apikey.Permission{Name: r.text("name"), Description: r.text("description")}
		})
	} else {
		org.Declared = r.permissionList("declared")
		org.Recoverable = r.boolean("recoverable")
		org.MaxKeyLifetime = time.Duration(r.number("maxKeyLifetime", 0))
		org.Withdrawn = r.permissions("withdrawn")
		org.Owners = int(r.number("owners", 0))
		org.Representative = r.optionalID("representative")
	}
	if r.has("accounts") { // came later: without it, no account is the organization's
		org.Accounts = r.texts("accounts")
	}
	if r.has("suspended") { // came later: without it, nobody has suspended the organization
		org.Suspended = r.boolean("suspended")
	}
	if r.err != nil {
		return apikey.Organization{}, r.err
	}
	return org, nil
}

func permissionList(permissions []apikey.Permission) types.AttributeValue {
	return list(permissions, func(p apikey.Permission) types.AttributeValue {
		return mapOf(item{"name": text(p.Name), "description": text(p.Description), "service": text(p.Service)})
	})
}

func (r *reader) permissionList(attribute string) []apikey.Permission {
	return mapsOf(r, attribute, func(r *reader) apikey.Permission {
		return apikey.Permission{Name: r.text("name"), Description: r.text("description"), Service: r.text("service")}
	})
}
