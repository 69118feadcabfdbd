package apikey

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// pepperRotator is the actor of changes of the peppers.
var pepperRotator = Actor{Username: "rotate-pepper"}

// DefaultPepperAge is how old the active pepper must be by default to be
// replaced, so that an invocation that is repeated makes no second version.
const DefaultPepperAge = time.Hour

const (
	// retirableAfter is how long after its replacement a pepper can be retired:
	// longer than any process that has not heard of the replacement can still make
	// a key under it. A process uses what it knows of peppers for at most an hour.
	retirableAfter = 65 * time.Minute
	// leftAfter is how long after the last key has left a pepper it can be retired:
	// longer than an authorizer may use that key's earlier record. Records are
	// cached for at most five minutes, and replicated within less.
	leftAfter = 10 * time.Minute
)

// RotatePepper makes a new pepper active. The one that was active goes on
// verifying, and its keys move to the new one when they are next used. If the
// active one is younger than minimumAge, it stays, and the report says so; so the
// call can be repeated, also at the same time. Errors: [Unavailable].
func (r *Rules) RotatePepper(ctx context.Context, minimumAge time.Duration) (PepperReport, error) {
	var note string
	err := retryStale(ctx, func() error {
		peppers, err := r.Store.Peppers(ctx)
		if err != nil {
			return err
		}
		next := 1
		for _, p := range peppers {
			next = max(next, p.Version+1)
		}
		now := r.now()
		active, exists := activePepper(peppers)
		if exists && now.Before(active.CreatedOn.Add(minimumAge)) {
			note = fmt.Sprintf("Version %d was made less than %s ago, so it stays the active one. To replace it all the same, send a lower minimumAgeSeconds.",
				active.Version, minimumAge)
			return nil
		}
		made, err := r.PepperMaker.NewPepper(ctx, next)
		if err != nil {
			return err
		}
		made.CreatedOn = now
		writes := []Write{CreatePepper{made}}
		if exists {
			replaced := active
			replaced.State, replaced.ReplacedOn = PepperVerifying, now
			writes = append(writes, ReplacePepper{active, replaced})
		}
		return r.commitAction(ctx, pepperOperator(), ActionCreatePepper, strconv.Itoa(next), nil, made.auditFields(), writes...)
	})
	if err != nil {
		return PepperReport{}, err
	}
	report, err := r.ReportPeppers(ctx)
	report.Note = note
	return report, err
}

// Retirement says which version of the pepper to retire.
type Retirement struct {
	Version int
	// Forced retires it although keys are under it, if they are at most Keys,
	// and however recently it was replaced.
	Forced bool
	Keys   int
}

// RetirePepper retires a version that is no longer active. Keys under it stop
// working within the time for which processes keep peppers. Unless it is forced,
// no key may be under the version, and none may still come under it. A version
// that is retired already stays so. Errors: [Invalid] for the active version or
// one that does not exist, [InUse], [Unavailable].
func (r *Rules) RetirePepper(ctx context.Context, retirement Retirement) (report PepperReport, err error) {
	err = retryStale(ctx, func() error {
		if report, err = r.ReportPeppers(ctx); err != nil {
			return err
		}
		use := report.version(retirement.Version)
		if use == nil || use.Pepper.State == "" {
			return InvalidError(FieldError{"retire", FieldValue, fmt.Sprintf("There is no version %d of the pepper, or its record is damaged.", retirement.Version)})
		}
		if use.Pepper.State == PepperRetired {
			return nil
		}
		dying := use.Keys + report.Unreadable
		if err := use.checkRetirable(retirement, dying, r.now()); err != nil {
			return err
		}
		before, after := use.Pepper, use.Pepper
		after.State = PepperRetired
		is := after.auditFields()
		is.put("keys", strconv.Itoa(dying))
		use.Pepper = after
		return r.commitAction(ctx, pepperOperator(), ActionRetirePepper, strconv.Itoa(before.Version), before.auditFields(), is, ReplacePepper{before, after})
	})
	if err != nil {
		return PepperReport{}, err
	}
	return report, nil
}

// checkRetirable returns an error if the version cannot be retired at that time.
// dying is how many keys would stop working.
func (u *PepperUse) checkRetirable(retirement Retirement, dying int, now time.Time) error {
	const wait = "At that time, no key comes to be under it any more. Try again later."
	version, settled := u.Pepper.Version, u.Pepper.ReplacedOn.Add(retirableAfter)
	if u.leftOn.Add(leftAfter).After(settled) {
		settled = u.leftOn.Add(leftAfter)
	}
	detail := ""
	switch {
	case u.Pepper.State == PepperActive:
		return InvalidError(FieldError{"retire", FieldConflict, fmt.Sprintf("Version %d is active. Make a new version first: send {}.", version)})
	case retirement.Forced && dying > retirement.Keys, !retirement.Forced && dying > 0:
		detail = fmt.Sprintf("%d keys would stop working, because they are under version %d of the pepper or cannot be read. They move to the active version when they are next used. "+
			`To retire it all the same, confirm their number: {"retire":%d,"force":%d}.`, dying, version, version, dying)
	case !retirement.Forced && now.Before(settled):
		detail = fmt.Sprintf("Version %d of the pepper can be retired from %s. %s", version, settled.UTC().Format(time.RFC3339), wait)
	default:
		return nil
	}
	return &Error{Kind: InUse, Detail: detail, Use: &Use{Keys: dying}}
}

// pepperOperator returns the principal of changes of the peppers, which belong
// to no organization.
func pepperOperator() principal {
	return principal{Caller: Caller{Org: Deployment}, actor: pepperRotator}
}

func (p Pepper) auditFields() *auditFields {
	f := newAuditFields()
	f.put("state", string(p.State))
	return f
}
