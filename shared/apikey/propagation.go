package apikey

import (
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// Regions is where a deployment keeps its records, and for how long answers
// that were decided on them are used.
type Regions struct {
	// Home is the region that writes, which the [Store] reads.
	Home string
	// Replicas are the readers of all other regions, by name.
	Replicas map[string]Reader
	// CacheTTL is how long an authorizer uses a key's record.
	CacheTTL time.Duration
}

// Propagation tells how far the newest version of a key has come.
type Propagation struct {
	Key uuid.UUID
	// Version is the newest one, which the home has; 0 if the key is gone there.
	Version int64
	// DeletedOn is when the key was deleted, zero unless its newest version is
	// that of a deleted key.
	DeletedOn time.Time
	// CacheTTL and GatewayTTL are how long an authorizer uses a record, and a
	// gateway an answer.
	CacheTTL, GatewayTTL time.Duration
	// Regions are the home and the others by name.
	Regions []RegionState
}

// RegionState is what one region's table held of a key.
type RegionState struct {
	Region string
	// State is [Current], [Behind] or [Unknown]. Version is 0 if the table had no
	// such key of the organization, or was not read.
	State   Reached
	Version int64
	// OlderUntil is until when an older version may still be allowed in the
	// region. It is zero unless the region is current.
	OlderUntil time.Time
	// Err is why the region is unknown, for the log.
	Err error
}

// Reached says whether a region has the newest version.
type Reached string

// What is known of a region. Unknown is a region that was not read.
const (
	Current Reached = "current"
	Behind  Reached = "behind"
	Unknown Reached = "unknown"
)

// commitLag is the longest delay between a record's timestamp and its commit. A
// function that answers requests ends within 10 seconds, and a sweep commits
// sooner. The rest is for the difference of two clocks.
const commitLag = 15 * time.Second

// OlderUntil returns the time until which an older version of the key may still be
// allowed anywhere; ok is false unless all regions are current.
func (p Propagation) OlderUntil() (latest time.Time, ok bool) {
	for _, region := range p.Regions {
		if region.State != Current {
			return time.Time{}, false
		}
		if region.OlderUntil.After(latest) {
			latest = region.OlderUntil
		}
	}
	return latest, true
}

// Propagation tells how far the newest version of a key has come. It reads every
// region's own table after the home's, all at once; a region that cannot be read
// is [Unknown]. A caller with a permission for all keys can also ask about a key
// that is gone from the home, until no region holds it. A key of another
// organization looks like one that does not exist. Errors: [Unauthenticated],
// [Forbidden], [NotFound] if no region has such a key, [Unavailable].
func (r *Rules) Propagation(ctx context.Context, by Caller, id uuid.UUID) (Propagation, error) {
	if id.IsZero() {
		_, _, err := r.authorizeKeyRead(ctx, by, id, nil)
		return Propagation{}, err
	}
	var others []replicaKey
	var gateways time.Duration
	var failed error
	who, err := r.authenticate(ctx, by, func(*view) ([]Ref, func()) {
		return nil, func() {
			failed = concurrently(func() (err error) { gateways, err = r.longestGatewayCache(ctx, by.Org); return err },
				func() error { others = r.readReplicas(ctx, id); return nil })
		}
	}, KeyRef(id))
	if err != nil {
		return Propagation{}, err
	}
	seen := r.Now()
	key, err := who.view.found.Key(id)
	if err := who.authorizePropagation(key, err); err != nil {
		return Propagation{}, err
	}
	if failed != nil {
		return Propagation{}, failed
	}
	if key.Org != who.Org {
		key = Key{}
	}
	p := Propagation{Key: id, Version: key.Version, DeletedOn: key.DeletedOn, CacheTTL: r.Regions.CacheTTL, GatewayTTL: gateways}
	cached := p.CacheTTL + p.GatewayTTL
	home := RegionState{Region: r.Regions.Home, State: Current, Version: key.Version, OlderUntil: roundedUp(seen.Add(cached))}
	if changed := key.changedOn(); !changed.IsZero() && changed.Add(commitLag).Before(seen) {
		home.OlderUntil = roundedUp(changed.Add(commitLag + cached))
	}
	p.Regions = append(p.Regions, home)
	for _, other := range others {
		p.Regions = append(p.Regions, other.compared(who.Org, key, cached))
	}
	if _, everywhere := p.OlderUntil(); everywhere && p.Version == 0 {
		return Propagation{}, NoSuchKey()
	}
	return p, nil
}

// authorizePropagation refuses a caller who may not see the key. A key that is
// gone, or that belongs to another organization, can be seen by a caller who may
// see all keys.
func (who principal) authorizePropagation(key Key, err error) error {
	held := who.grant.Permissions
	missing := err != nil && KindOf(err) == NotFound || err == nil && key.Org != who.Org
	switch {
	case held.HasAny(who.viewAllPermissions()...) && (err == nil || missing):
		return nil
	case err == nil && !missing && (who.owns(key) || held.HasAny(who.viewPermissions()...) && key.CreatedBy.UserID == who.actor.UserID):
		return nil
	case !held.HasAny(who.viewPermissions()...):
		return forbiddenError()
	case missing:
		return NoSuchKey()
	case err != nil:
		return err
	}
	return forbiddenError()
}

// roundedUp returns the time in whole milliseconds, and never an earlier one.
func roundedUp(at time.Time) time.Time {
	return at.UTC().Add(time.Millisecond - time.Nanosecond).Truncate(time.Millisecond)
}

// changedOn returns the timestamp of the key's newest version; zero for the zero
// Key. The version was committed within [commitLag] of it.
func (k Key) changedOn() time.Time {
	return slices.MaxFunc([]time.Time{k.CreatedOn, k.LastModifiedOn, k.MovedOn}, time.Time.Compare)
}
