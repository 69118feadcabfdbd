package apikey

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// PepperReport tells which versions of the pepper there are, and which keys need
// them.
type PepperReport struct {
	// Versions are in order.
	Versions []PepperUse
	// Organizations is how many organizations the keys were counted of: all in the
	// directory.
	Organizations int
	// Unreadable counts the keys whose records are damaged. They may be under any
	// version.
	Unreadable int
	// Note says what the operator should know besides; empty for nothing.
	Note string
}

// PepperUse is a version of the pepper and who needs it.
type PepperUse struct {
	// Pepper has only a Version if its record is damaged, or missing although keys
	// are under it.
	Pepper Pepper
	// Keys counts the keys with a secret under the version that verifies, or would
	// if the key could be used: disabled, expired and deleted ones too. A key in an
	// overlap can be under two versions.
	Keys int
	// leftOn is the last time at which a listed key stopped needing the version;
	// zero if unknown.
	leftOn time.Time
}

// ReportPeppers counts the keys under each version of the pepper. It reads all
// keys of the organizations in the directory, page by page, through the listing,
// which may miss changes of the last second. Errors: [Unavailable], rather than
// an incomplete count.
func (r *Rules) ReportPeppers(ctx context.Context) (PepperReport, error) {
	peppers, err := r.Store.Peppers(ctx)
	if err != nil {
		return PepperReport{}, err
	}
	var report PepperReport
	for _, p := range peppers {
		report.use(p.Version).Pepper = p
	}
	now := r.now()
	damaged, err := forEach(func(after OrgID) (Listed[OrgID, OrgID], error) {
		return r.Store.Organizations(ctx, after, NoLimit)
	}, func(org OrgID) error {
		report.Organizations++
		return r.countPeppers(ctx, org, now, &report)
	})
	slices.SortFunc(report.Versions, func(a, b PepperUse) int { return cmp.Compare(a.Pepper.Version, b.Pepper.Version) })
	return report, unavailableIfDamaged(damaged, err)
}

// countPeppers adds an organization's keys to a report, each once. It lists the
// deleted keys twice: one that is deleted or restored meanwhile is not missed.
func (r *Rules) countPeppers(ctx context.Context, org OrgID, now time.Time, report *PepperReport) error {
	counted, unreadable := map[uuid.UUID]bool{}, map[Ref]bool{}
	for _, deleted := range []bool{true, false, true} {
		damaged, err := r.forEachKey(ctx, org, KeyFilter{Deleted: deleted}, func(key Key) error {
			if !counted[key.ID] {
				counted[key.ID] = true
				report.count(key, now)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, d := range damaged {
			unreadable[d.Ref] = true
		}
	}
	report.Unreadable += len(unreadable)
	return nil
}

// version returns the use of a version; nil if there is none.
func (r *PepperReport) version(version int) *PepperUse {
	for i := range r.Versions {
		if r.Versions[i].Pepper.Version == version {
			return &r.Versions[i]
		}
	}
	return nil
}

// use returns the use of a version, which it adds if there is none.
func (r *PepperReport) use(version int) *PepperUse {
	if use := r.version(version); use != nil {
		return use
	}
	r.Versions = append(r.Versions, PepperUse{Pepper: Pepper{Version: version}})
	return &r.Versions[len(r.Versions)-1]
}

// count counts a key under the versions that it needs at that time, and records
// when it stopped needing others.
func (r *PepperReport) count(key Key, now time.Time) {
	needed := []int{key.Digest.Pepper}
	for _, old := range key.Older {
		if key.LiveSecret(old, now) {
			needed = append(needed, old.Digest.Pepper)
		} else {
			r.use(old.Digest.Pepper).left(old.EndsOn)
		}
	}
	slices.Sort(needed)
	for _, version := range slices.Compact(needed) {
		r.use(version).Keys++
	}
	for i := range r.Versions {
		// Which version a key moved from is not kept, but it was an older one.
		if r.Versions[i].Pepper.Version < slices.Max(needed) {
			r.Versions[i].left(key.MovedOn)
		}
	}
}

func (u *PepperUse) left(on time.Time) {
	if on.After(u.leftOn) {
		u.leftOn = on
	}
}
