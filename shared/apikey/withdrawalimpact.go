package apikey

import (
	"context"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/permission"
)

// withdrawalImpact is what holds the permissions that a change of a service
// withdraws, or why that is unknown.
type withdrawalImpact struct {
	use Use
	// redeclarable are withdrawn permissions that can be declared again,
	// because nothing holds them. If there are others, left says why.
	redeclarable permission.Set
	left         remainder
	err          error
}

// prefetchWithdrawalImpact returns a prefetch for a service that will declare
// only the given permissions. It looks for holders of the permissions that
// thereby vanish from the organization's catalogue, and of those that come
// back.
func (r *Rules) prefetchWithdrawalImpact(ctx context.Context, id string, declared []Permission, impact *withdrawalImpact) prefetch {
	began := r.now()
	return func(v *view) ([]Ref, func()) {
		org, err := v.found.Organization(v.org)
		if err != nil {
			return nil, nil
		}
		next := org.redeclared(id, declared).declares()
		gone, again := org.declares().Without(next), org.Withdrawn.And(next)
		var loads []func() error
		if len(gone) > 0 {
			loads = append(loads, func() (err error) { impact.use, err = r.countHolders(ctx, org.ID, gone); return })
		}
		if len(again) > 0 {
			loads = append(loads, func() error { return r.checkRedeclarable(ctx, org, began, again, impact) })
		}
		if loads == nil {
			return nil, nil
		}
		return nil, func() { impact.err = concurrently(loads...) }
	}
}

// redeclared returns the organization after a service declares those
// permissions.
func (o Organization) redeclared(id string, permissions []Permission) Organization {
	o.Declared = slices.DeleteFunc(slices.Clone(o.Declared), func(p Permission) bool { return p.Service == id })
	o.Declared = append(o.Declared, permissions...)
	slices.SortFunc(o.Declared, func(a, b Permission) int {
		return strings.Compare(a.Name+"\x00"+a.Service, b.Name+"\x00"+b.Service)
	})
	return o
}

// declares returns the draft's permissions as declared by the service with that
// id.
func (d ServiceDraft) declares(id string) []Permission {
	var declared []Permission
	for _, p := range d.Permissions {
		declared = append(declared, Permission{p.Name, p.Description, id})
	}
	return declared
}
