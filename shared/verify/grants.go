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
	reader        apikey.GrantReader
	organizations *cache[apikey.OrgID, apikey.Organization]
	// suspensions are the organizations where only their suspension is asked
	// for: the same cache, unless that keeps too little.
	suspensions *cache[apikey.OrgID, apikey.Organization]
	policies    *cache[owned, apikey.Policy]
	users       *cache[owned, apikey.User]
}

// owned names something of an organization.
type owned struct {
	org apikey.OrgID
	id  keytext.ID
}

func newGrants(ttl time.Duration, config Config) *grants {
	g := &grants{
		reader:        config.Grants,
		organizations: newCache[apikey.OrgID, apikey.Organization](ttl, config, maxOrganizations, maxAbsent),
		policies:      newCache[owned, apikey.Policy](ttl, config, maxPolicies, maxAbsent),
		users:         newCache[owned, apikey.User](ttl, config, maxUsers, maxAbsent),
	}
	g.suspensions = g.organizations
	if ttl < MinSuspensionTTL {
		g.suspensions = newCache[apikey.OrgID, apikey.Organization](MinSuspensionTTL, config, maxOrganizations, maxAbsent)
	}
	return g
}

// Organization reads an organization; [apikey.NotFound] where there is none.
func (g *grants) Organization(ctx context.Context, id apikey.OrgID) (apikey.Organization, error) {
	record, err := g.organizations.get(ctx, id, g.readOrganization)
	return existing(record, err, apikey.SubjectOrganization)
}

// Suspended reports whether an organization is suspended, as it was at most the
// TTL or [MinSuspensionTTL] ago; [apikey.NotFound] where there is none.
func (g *grants) Suspended(ctx context.Context, id apikey.OrgID) (bool, error) {
	record, err := g.suspensions.get(ctx, id, g.readOrganization)
	if err == nil && record == nil {
		err = apikey.NoSuch(apikey.SubjectOrganization)
	}
	return err == nil && record.Suspended, err
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

func (g *grants) readOrganization(ctx context.Context, id apikey.OrgID) (*apikey.Organization, error) {
	record, err := g.reader.Organization(ctx, id)
	record = record.Prepared()
	return checked("read an organization", &record, record.ID == id, err)
}

func (g *grants) readPolicy(ctx context.Context, name owned) (*apikey.Policy, error) {
	record, err := g.reader.Policy(ctx, name.org, name.id)
	return checked("read a policy", &record, record.Org == name.org && record.ID == name.id, err)
}

func (g *grants) readUser(ctx context.Context, name owned) (*apikey.User, error) {
	record, err := g.reader.User(ctx, name.org, name.id)
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
