package apikey

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// replicaKey is what a replica held of a key, and when it had been read.
type replicaKey struct {
	region string
	key    Key
	err    error
	read   time.Time
}

// readReplicas reads a key in all regions but the home.
func (r *Rules) readReplicas(ctx context.Context, id uuid.UUID) []replicaKey {
	names := slices.Sorted(maps.Keys(r.Regions.Replicas))
	all, reads := make([]replicaKey, len(names)), make([]func() error, len(names))
	for n, region := range names {
		reads[n] = func() error {
			found, err := r.Regions.Replicas[region].Read(ctx, KeyRef(id))
			all[n] = replicaKey{region: region, err: err}
			if err == nil {
				all[n].key, all[n].err = found.Key(id)
			}
			all[n].read = r.Now()
			return nil
		}
	}
	_ = concurrently(reads...)
	return all
}

// compared returns the state of the replica's region, if the home has that key.
// The time counts from the end of the read: until then an authorizer may have
// read an older version.
func (k replicaKey) compared(org OrgID, home Key, cached time.Duration) RegionState {
	held := k.key
	if k.err == nil && held.Org != org {
		held = Key{}
	}
	switch {
	case k.err != nil && KindOf(k.err) != NotFound:
		return RegionState{Region: k.region, State: Unknown, Err: k.err}
	case home.Version == 0 && held.Version > 0, held.Version < home.Version:
		return RegionState{Region: k.region, State: Behind, Version: held.Version}
	}
	return RegionState{Region: k.region, State: Current, Version: held.Version, OlderUntil: roundedUp(k.read.Add(cached))}
}

// longestGatewayCache returns for how long, at most, a gateway of the
// organization's services caches an answer. It counts all services, because an
// older version of a key may have been used on any. A service that cannot be
// read counts with the longest time that there can be.
func (r *Rules) longestGatewayCache(ctx context.Context, org OrgID) (longest time.Duration, err error) {
	for after := ""; ; {
		part, err := r.Store.Services(ctx, org, after, MaxPage)
		if err != nil {
			return 0, err
		}
		if len(part.Damaged) > 0 {
			return routing.MaxCacheSeconds * time.Second, nil
		}
		for _, service := range part.Records {
			longest = max(longest, time.Duration(service.Cache.Seconds)*time.Second)
		}
		if part.Next == nil {
			return longest, nil
		}
		after = *part.Next
	}
}
