package apikey

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// PermissionUse is a permission that a key used, how often in the last 90 days,
// and the last day on which it did.
type PermissionUse struct {
	Name     string
	Requests int64
	LastDay  time.Time
	// Granted says that the key still holds it.
	Granted bool
}

// PermissionReport compares what a key holds with what it used.
type PermissionReport struct {
	// Used are the permissions that opened a route to the key in the last 90 days,
	// by name. Unused are those that the key holds and did not use.
	Used   []PermissionUse
	Unused permission.Set
	// Unnamed is how many allowed requests were counted without the name of their
	// permission, because the key used too many different ones in an hour.
	Unnamed int64
}

// UnnamedUse is the name that uses are counted under if there is no room for the
// permission's own.
const UnnamedUse = "other"

// PermissionUse returns which of its permissions a key has used, for a caller
// who may see the key. If several permissions open a route, the first one that
// the key holds counts as used. Errors: those of [Rules.Get].
func (r *Rules) PermissionUse(ctx context.Context, by Caller, id uuid.UUID) (report PermissionReport, err error) {
	now := r.now()
	var who principal
	var key Key
	var days []Uses
	err = concurrently(func() (err error) {
		who, key, err = r.authorizeKeyRead(ctx, by, id, nil)
		return err
	}, func() (err error) {
		days, err = r.Store.Uses(ctx, id, now.Add(-UsageRetention), now)
		return err
	})
	if err != nil {
		return PermissionReport{}, err
	}
	grant, err := who.view.keyGrant(ctx, key)
	if err != nil && KindOf(err) != Unauthenticated {
		return PermissionReport{}, err
	}
	used := map[string]PermissionUse{}
	for _, uses := range days {
		for _, count := range uses.Counts {
			if count.Permission == "" {
				continue
			}
			use := used[count.Permission]
			used[count.Permission] = PermissionUse{count.Permission, use.Requests + count.Requests, uses.Day, grant.Permissions.Has(count.Permission)}
		}
	}
	if other, some := used[UnnamedUse]; some && !other.Granted {
		report.Unnamed = other.Requests
		delete(used, UnnamedUse)
	}
	for _, name := range slices.Sorted(maps.Keys(used)) {
		report.Used = append(report.Used, used[name])
	}
	for _, name := range grant.Permissions {
		if _, has := used[name]; !has {
			report.Unused = append(report.Unused, name)
		}
	}
	return report, nil
}
