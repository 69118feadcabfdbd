package apikey

import (
	"context"
	"errors"
)

// ErrSuspended is the cause of the [Unauthenticated] error for a key or a user
// whose organization is suspended.
var ErrSuspended = errors.New("the organization is suspended")

// Suspension is an operator's request to suspend or resume an organization.
type Suspension struct {
	Organization OrgID
	// Suspended is false to resume.
	Suspended bool
	// Reason is for the audit log. The rules for names apply.
	Reason string
}

// suspender is the actor of suspensions: anyone who may invoke the function.
var suspender = Actor{Username: "suspend-organization"}

// Suspend suspends or resumes an organization. While it is suspended, all its
// keys and users are [Unauthenticated], everywhere and within the revocation
// bound; nothing is deleted or changed, except that reports of leaked keys are
// acted on. If the organization is already in that state, nothing is recorded.
// Errors: [Invalid], [NotFound], [Unavailable].
func (r *Rules) Suspend(ctx context.Context, s Suspension) (after Status, err error) {
	if err := InvalidError(s.faults()...); err != nil {
		return Status{}, err
	}
	action := ActionResumeOrganization
	if s.Suspended {
		action = ActionSuspendOrganization
	}
	err = retryStale(ctx, func() error {
		who := principal{Caller: Caller{Org: s.Organization}, actor: suspender, view: r.view(s.Organization)}
		before, err := who.view.Status(ctx, s.Organization)
		if err != nil {
			return err
		}
		after = before
		if after.Suspended = s.Suspended; same(before, after) {
			return nil
		}
		after.Version++
		is := after.auditFields()
		is.put("reason", s.Reason)
		return r.commitAction(ctx, who, action, string(after.Org), before.auditFields(), is, ReplaceStatus{before, after})
	})
	return after, err
}

func (s Suspension) faults() []FieldError {
	faults := requireName("reason", s.Reason)
	if !s.Organization.Valid() {
		faults = append(faults, FieldError{"organization", FieldValue, orgIDRule})
	}
	return faults
}

// statusUnlessSuspended returns the status of an organization. If it is
// suspended, the error is [Unauthenticated] with the cause [ErrSuspended].
func statusUnlessSuspended(ctx context.Context, r GrantReader, id OrgID) (Status, error) {
	status, err := r.Status(ctx, id)
	if err != nil {
		return Status{}, unavailableIfMissing("read the status of an organization", err)
	}
	if status.Suspended {
		e := UnauthenticatedError()
		e.Cause = ErrSuspended
		return Status{}, e
	}
	return status, nil
}
