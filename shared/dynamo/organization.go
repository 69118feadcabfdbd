package dynamo

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// orgItem encodes an organization without its count of keys.
func orgItem(org apikey.Organization) item {
	return item{
		"id":             text(string(org.ID)),
		"name":           text(org.Name),
		"keyPrefix":      text(org.KeyPrefix),
		"maxKeys":        number(org.MaxKeys),
		"recoverable":    boolean(org.Recoverable),
		"noSelfService":  boolean(org.NoSelfService),
		"maxKeyLifetime": number(int64(org.MaxKeyLifetime)),
		"retention":      number(int64(org.Retention)),
		"onExposure":     text(string(org.OnExposure)),
		"staleAfterDays": number(org.StaleAfterDays),
		"accounts":       texts(org.Accounts),
		"declared":       permissionList(org.Declared),
		"withdrawn":      texts(org.Withdrawn),
		"owners":         number(org.Owners),
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
	if r.lacks("recoverable", "maxKeyLifetime", "withdrawn", "owners") {
		org.Declared = mapsOf(r, "declared", func(r *reader) apikey.Permission {
			return apikey.Permission{Name: r.text("name"), Description: r.text("description")}
		})
	} else {
		org.Declared = r.permissionList("declared")
		org.Recoverable = r.boolean("recoverable")
		org.MaxKeyLifetime = time.Duration(r.number("maxKeyLifetime", 0))
		org.Withdrawn = r.permissions("withdrawn")
		org.Owners = int(r.number("owners", 0))
	}
	if r.has("accounts") { // older records lack it: the organization has no accounts
		org.Accounts = r.texts("accounts")
	}
	if r.has("noSelfService") { // older records lack it: users create keys of their own
		org.NoSelfService = r.boolean("noSelfService")
	}
	r.life(&org)
	if r.err != nil {
		return apikey.Organization{}, r.err
	}
	return org, nil
}

// life reads settings that older records lack: the organization then has the
// defaults.
func (r *reader) life(org *apikey.Organization) {
	org.Retention, org.StaleAfterDays = apikey.DefaultRetention, apikey.DefaultStaleAfterDays
	if r.has("retention") {
		org.Retention = time.Duration(r.number("retention", 0))
	}
	if r.has("staleAfterDays") {
		org.StaleAfterDays = int(r.number("staleAfterDays", 0))
	}
	if r.has("onExposure") {
		switch org.OnExposure = apikey.OnExposure(r.text("onExposure")); org.OnExposure {
		case apikey.DisableExposed, apikey.ReportExposed:
		default:
			r.fail("onExposure", "is not a setting")
		}
	}
}

func statusItem(status apikey.Status) item {
	encoded := repeatedStatus(status)
	encoded["version"] = number(status.Version)
	return encoded
}

// repeatedStatus returns the part of the status that is also stored in the
// organization's own record, for earlier versions to read.
func repeatedStatus(status apikey.Status) item {
	return item{"suspended": boolean(status.Suspended), "representative": text(status.Representative.String())}
}

func decodeStatus(encoded item) (apikey.Status, error) {
	r := &reader{item: encoded}
	status := apikey.Status{
		Org: r.orgInPartition(), Suspended: r.boolean("suspended"), Representative: r.optionalID("representative"),
		Version: r.number("version", 1),
	}
	return status, r.err
}

// decodeStatusOfOrganization decodes the status from an organization's own
// record.
func decodeStatusOfOrganization(encoded item) (apikey.Status, error) {
	r := &reader{item: encoded}
	status := apikey.Status{Org: r.orgInPartition()}
	if r.has("suspended") { // older records lack it: the organization is not suspended
		status.Suspended = r.boolean("suspended")
	}
	if r.has("representative") { // older records lack it: there is no representative
		status.Representative = r.optionalID("representative")
	}
	return status, r.err
}

func (r *reader) orgInPartition() apikey.OrgID {
	suffix, ok := strings.CutPrefix(r.text(schema.PartitionKey), orgPartition(""))
	if !ok || !apikey.OrgID(suffix).Valid() {
		r.fail(schema.PartitionKey, "is not an organization's")
	}
	return apikey.OrgID(suffix)
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
