package dynamo

import (
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

func orgAttributes(c *codec, org *apikey.Organization) {
	if !c.writing {
		c.readCount(&org.KeyCount)
	}
	c.org("id", &org.ID)
	c.text("name", &org.Name)
	c.text("keyPrefix", &org.KeyPrefix)
	numeric(c, "maxKeys", &org.MaxKeys, 0)
	c.moment("createdOn", &org.CreatedOn)
	numeric(c, "version", &org.Version, 1)
	if c.later("recoverable", "maxKeyLifetime", "withdrawn", "owners") {
		c.permissionList("declared", &org.Declared)
		c.boolean("recoverable", &org.Recoverable)
		numeric(c, "maxKeyLifetime", &org.MaxKeyLifetime, 0)
		c.permissions("withdrawn", &org.Withdrawn)
		numeric(c, "owners", &org.Owners, 0)
	} else {
		mapsOf(c, "declared", &org.Declared, func(c *codec, p *apikey.Permission) {
			c.text("name", &p.Name)
			c.text("description", &p.Description)
		})
	}
	if c.later("accounts") { // older records lack it: the organization has no accounts
		c.texts("accounts", &org.Accounts)
	}
	if c.later("noSelfService") { // older records lack it: users create keys of their own
		c.boolean("noSelfService", &org.NoSelfService)
	}
	c.life(org)
}

// life reads or writes the settings that older records lack. An organization without
// them has the defaults.
func (c *codec) life(org *apikey.Organization) {
	if !c.writing {
		org.Retention, org.StaleAfterDays = apikey.DefaultRetention, apikey.DefaultStaleAfterDays
	}
	if c.later("retention") {
		numeric(c, "retention", &org.Retention, 0)
	}
	if c.later("staleAfterDays") {
		numeric(c, "staleAfterDays", &org.StaleAfterDays, 0)
	}
	if c.later("onExposure") {
		textOf(c, "onExposure", &org.OnExposure)
		switch org.OnExposure {
		case apikey.DisableExposed, apikey.ReportExposed:
		default:
			c.fail("onExposure", "is not a setting")
		}
	}
}

func statusAttributes(c *codec, status *apikey.Status) {
	if !c.writing {
		status.Org = c.orgInPartition()
	}
	c.boolean("suspended", &status.Suspended)
	c.optionalID("representative", &status.Representative)
	numeric(c, "version", &status.Version, 1)
}

// repeatedStatusAttributes reads or writes the part of the status that is also stored
// in the organization's own record, for earlier versions to read.
func repeatedStatusAttributes(c *codec, status *apikey.Status) {
	if !c.writing {
		status.Org = c.orgInPartition()
	}
	if c.later("suspended") { // older records lack it: the organization is not suspended
		c.boolean("suspended", &status.Suspended)
	}
	if c.later("representative") { // older records lack it: there is no representative
		c.optionalID("representative", &status.Representative)
	}
}

func (r *reader) orgInPartition() apikey.OrgID {
	suffix, ok := strings.CutPrefix(r.text(schema.PartitionKey), orgPartition(""))
	if !ok || !apikey.OrgID(suffix).Valid() {
		r.fail(schema.PartitionKey, "is not an organization's")
	}
	return apikey.OrgID(suffix)
}
