package dynamo

import (
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

// policyItem encodes a policy without its count of keys.
func policyItem(policy apikey.Policy) item {
	encoded := item{
		"org":         text(string(policy.Org)),
		"name":        text(policy.Name),
		"description": text(policy.Description),
		"claim":       text(policy.Claim),
		"permissions": texts(policy.Permissions),
		"deleted":     boolean(policy.Deleted),
		"version":     number(policy.Version),
	}
	putHistory(encoded, policy.CreatedBy, policy.LastModifiedBy, policy.CreatedOn, policy.LastModifiedOn)
	return encoded
}

func decodePolicy(encoded item) (apikey.Policy, error) {
	r := &reader{item: encoded}
	policy := apikey.Policy{
		ID:          r.sortID(policySort),
		Org:         r.org("org"),
		Name:        r.text("name"),
		Description: r.text("description"),
		Claim:       r.text("claim"),
		Permissions: r.permissions("permissions"),
		KeyCount:    int(r.number("keyCount", 0)),
		Deleted:     r.boolean("deleted"),
		Version:     r.number("version", 1),
	}
	policy.CreatedBy, policy.LastModifiedBy, policy.CreatedOn, policy.LastModifiedOn = r.history()
	return policy, r.err
}

// userItem encodes a user without the count of personal keys.
func userItem(user apikey.User) item {
	encoded := item{
		"org":         text(string(user.Org)),
		"email":       text(user.Email),
		"claim":       text(user.Claim),
		"name":        text(user.Name),
		"role":        text(string(user.Role)),
		"permissions": texts(user.Permissions),
		"policy":      text(user.Policy.String()),
		"version":     number(user.Version),
	}
	putHistory(encoded, user.CreatedBy, user.LastModifiedBy, user.CreatedOn, user.LastModifiedOn)
	return encoded
}

func decodeUser(encoded item) (apikey.User, error) {
	r := &reader{item: encoded}
	user := apikey.User{
		ID:          r.sortID(userSort),
		Org:         r.org("org"),
		Email:       r.text("email"),
		Claim:       r.text("claim"),
		Name:        r.text("name"),
		Role:        apikey.Role(r.text("role")),
		Permissions: r.permissions("permissions"),
		Policy:      r.optionalID("policy"),
		KeyCount:    int(r.number("keyCount", 0)),
		Version:     r.number("version", 1),
	}
	if !slices.Contains(apikey.Roles, user.Role) {
		r.fail("role", "is not a user's")
	}
	user.CreatedBy, user.LastModifiedBy, user.CreatedOn, user.LastModifiedOn = r.history()
	return user, r.err
}

// sortID reads the id in the sort key of a listed record.
func (r *reader) sortID(sort string) keytext.ID {
	suffix, ok := strings.CutPrefix(r.text(schema.SortKey), sort)
	id, err := keytext.ParseID(suffix)
	if !ok || err != nil {
		r.fail(schema.SortKey, "is of something else")
	}
	return id
}

// putHistory stores who created and changed a record, and when.
func putHistory(encoded item, createdBy, modifiedBy apikey.Actor, createdOn, modifiedOn time.Time) {
	putActor(encoded, "createdBy", createdBy)
	putActor(encoded, "modifiedBy", modifiedBy)
	encoded["createdOn"] = moment(createdOn)
	encoded["modifiedOn"] = optionalMoment(modifiedOn)
}

func (r *reader) history() (createdBy, modifiedBy apikey.Actor, createdOn, modifiedOn time.Time) {
	return r.actor("createdBy"), r.actor("modifiedBy"), r.moment("createdOn"), r.optionalMoment("modifiedOn")
}

func claimItem(id keytext.ID) item { return item{"key": text(id.String())} }

// decodeClaim returns the id that a claim belongs to.
func decodeClaim(encoded item) (keytext.ID, error) {
	r := &reader{item: encoded}
	id := r.id("key")
	return id, r.err
}
