package verify

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// grants reads what a key's permissions depend on, and keeps it as keys are
// kept. It is an [apikey.GrantReader]; what it returns is shared and must not
// be changed.
type grants struct {
	reader   apikey.Reader
	statuses *cache[apikey.OrgID, apikey.Status]
	policies *cache[owned, apikey.Policy]
	users    *cache[owned, apikey.User]
}

// owned names something of an organization.
type owned struct {
	org apikey.OrgID
	id  keytext.ID
}

func newGrants(ttl time.Duration, config Config) *grants {
	return &grants{
		reader:   config.Reader,
		statuses: newCache[apikey.OrgID, apikey.Status](max(ttl, MinSuspensionTTL), config, maxOrganizations, maxAbsent),
		policies: newCache[owned, apikey.Policy](ttl, config, maxPolicies, maxAbsent),
		users:    newCache[owned, apikey.User](ttl, config, maxUsers, maxAbsent),
	}
}

// Status reads the status of an organization, as it was at most the TTL or
// [MinSuspensionTTL] ago; [apikey.NotFound] where there is no such organization.
func (g *grants) Status(ctx context.Context, org apikey.OrgID) (apikey.Status, error) {
	record, err := g.statuses.get(ctx, org, g.readStatus)
	return existing(record, err, apikey.SubjectOrganization)
}

// Policy reads a policy, a tombstone too; [apikey.NotFound] where there is none.
func (g *grants) Policy(ctx context.Context, org apikey.OrgID, id keytext.ID) (apikey.Policy, error) {
	record, err := g.policies.get(ctx, owned{org, id}, g.readPolicy)
	return existing(record, err, apikey.SubjectPolicy)
}

// User reads a user; [apikey.NotFound] where there is none.
func (g *grants) User(ctx context.Context, org apikey.OrgID, id keytext.ID) (apikey.User, error) {
	record, err := g.users.get(ctx, owned{org, id}, g.readUser)
	return existing(record, err, apikey.SubjectUser)
}

// existing makes nothing an error, as a store does.
func existing[V any](record *V, err error, subject apikey.Subject) (V, error) {
	if err == nil && record == nil {
		err = apikey.NoSuch(subject)
	}
	if err != nil {
		var none V
		return none, err
	}
	return *record, nil
}

func (g *grants) readStatus(ctx context.Context, org apikey.OrgID) (*apikey.Status, error) {
	found, err := g.reader.Read(ctx, apikey.StatusRef(org))
	if err != nil {
		return nil, unavailable("read a status", err)
	}
	record, err := found.Status(org)
	return checked("read a status", &record, record.Org == org, err)
}

func (g *grants) readPolicy(ctx context.Context, name owned) (*apikey.Policy, error) {
	found, err := g.reader.Read(ctx, apikey.PolicyRef(name.org, name.id))
	if err != nil {
		return nil, unavailable("read a policy", err)
	}
	record, err := found.Policy(name.org, name.id)
	return checked("read a policy", &record, record.Org == name.org && record.ID == name.id, err)
}

func (g *grants) readUser(ctx context.Context, name owned) (*apikey.User, error) {
	found, err := g.reader.Read(ctx, apikey.UserRef(name.org, name.id))
	if err != nil {
		return nil, unavailable("read a user", err)
	}
	record, err := found.User(name.org, name.id)
	return checked("read a user", &record, record.Org == name.org && record.ID == name.id, err)
}

// checked refuses a record that is not the one that was asked for, and makes
// every failure but [apikey.NotFound] one of a dependency.
func checked[V any](doing string, record *V, right bool, err error) (*V, error) {
	if err == nil && !right {
		err = errDamaged
	}
	return record, unavailable(doing, err)
}
