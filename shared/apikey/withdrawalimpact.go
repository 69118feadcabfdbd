package apikey

import (
	"context"
	"slices"
	"strings"
	"time"
)

// loss is what holds the permissions that vanish with a change of a service, or
// why that could not be found out.
type withdrawalImpact struct {
	use Use
	// free are permissions that are being withdrawn, and can be declared again:
	// nothing holds one. Where there are others, wait says when to ask again.
	redeclarable Permissions
	retryAfter   time.Duration
	err          error
}

// holdersOfLost loads for what holds the permissions that vanish from the
// organization's catalogue when a service declares only those that are given,
// and for what holds those that come back.
func (k *Keys) prefetchWithdrawalImpact(ctx context.Context, id string, declared []Permission, impact *withdrawalImpact) prefetch {
	return func(v *view) ([]Ref, func()) {
		org, err := v.found.Organization(v.org)
		if err != nil {
			return nil, nil
		}
		next := org.redeclared(id, declared).declares()
		gone, again := org.declares().Without(next), org.Withdrawn.And(next)
		var loads []func() error
		if len(gone) > 0 {
			loads = append(loads, func() (err error) { impact.use, err = k.countHolders(ctx, org.ID, gone); return })
		}
		if len(again) > 0 {
			loads = append(loads, func() error { return k.checkRedeclarable(ctx, org, again, impact) })
		}
		if loads == nil {
			return nil, nil
		}
		return nil, func() { impact.err = concurrently(loads...) }
	}
}

// redeclared is the organization once a service declares those permissions.
func (o Organization) redeclared(id string, permissions []Permission) Organization {
	o.Declared = slices.DeleteFunc(slices.Clone(o.Declared), func(p Permission) bool { return p.Service == id })
	o.Declared = append(o.Declared, permissions...)
	slices.SortFunc(o.Declared, func(a, b Permission) int {
		return strings.Compare(a.Name+"\x00"+a.Service, b.Name+"\x00"+b.Service)
	})
	return o
}

// declares are the permissions that the draft declares for the service of that
// id.
func (d ServiceDraft) declares(id string) []Permission {
	var declared []Permission
	for _, p := range d.Permissions {
		declared = append(declared, Permission{p.Name, p.Description, id})
	}
	return declared
}
