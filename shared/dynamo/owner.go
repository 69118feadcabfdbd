package dynamo

import (
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

func policyAttributes(c *codec, policy *apikey.Policy) {
	if !c.writing {
		policy.ID = c.sortID(policySort)
		c.readCount(&policy.KeyCount)
	}
	c.org("org", &policy.Org)
	c.text("name", &policy.Name)
	c.text("description", &policy.Description)
	c.text("claim", &policy.Claim)
	c.permissions("permissions", &policy.Permissions)
	c.boolean("deleted", &policy.Deleted)
	numeric(c, "version", &policy.Version, 1)
	c.history(&policy.CreatedBy, &policy.LastModifiedBy, &policy.CreatedOn, &policy.LastModifiedOn)
}

func userAttributes(c *codec, user *apikey.User) {
	if !c.writing {
		user.ID = c.sortID(userSort)
		c.readCount(&user.KeyCount)
	}
	c.org("org", &user.Org)
	c.text("email", &user.Email)
	c.text("claim", &user.Claim)
	c.text("name", &user.Name)
	textOf(c, "role", &user.Role)
	if !slices.Contains(apikey.Roles, user.Role) {
		c.fail("role", "is not a user's")
	}
	c.permissions("permissions", &user.Permissions)
	c.optionalID("policy", &user.Policy)
	numeric(c, "version", &user.Version, 1)
	c.history(&user.CreatedBy, &user.LastModifiedBy, &user.CreatedOn, &user.LastModifiedOn)
}

// readCount reads an owner's count of keys, which is never written with the owner.
func (r *reader) readCount(count *int) { *count = int(r.number("keyCount", 0)) }

// sortID reads the id in the sort key of a listed record.
func (r *reader) sortID(sort string) uuid.UUID {
	suffix, ok := strings.CutPrefix(r.text(schema.SortKey), sort)
	id, err := uuid.Parse(suffix)
	if !ok || err != nil {
		r.fail(schema.SortKey, "is of something else")
	}
	return id
}

// claimAttributes reads or writes the id that a claim belongs to.
func claimAttributes(c *codec, id *uuid.UUID) { c.id("key", id) }
