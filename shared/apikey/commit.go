package apikey

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// writeCondition returns the record that a write changes or requires, and the
// version that it expects. The zero Ref means that the write expects no
// version.
func writeCondition(w Write) (Ref, int64) {
	switch w := w.(type) {
	case Require:
		return w.Ref, w.Version
	case CreateKey:
		return KeyRef(w.Key.ID), 0
	case ReplaceKey:
		return KeyRef(w.Before.ID), w.Before.Version
	case DeleteKey:
		return KeyRef(w.Key.ID), w.Key.Version
	case ReplacePolicy:
		return PolicyRef(w.Before.Org, w.Before.ID), w.Before.Version
	case DeletePolicy:
		return PolicyRef(w.Policy.Org, w.Policy.ID), w.Policy.Version
	case ReplaceUser:
		return UserRef(w.Before.Org, w.Before.ID), w.Before.Version
	case DeleteUser:
		return UserRef(w.User.Org, w.User.ID), w.User.Version
	case CreateOrganization:
		return OrganizationRef(w.Organization.ID), 0
	case ReplaceOrganization:
		return OrganizationRef(w.Before.ID), w.Before.Version
	case ReplaceStatus:
		return StatusRef(w.After.Org), w.Before.Version
	case PutOutcome:
		return w.Outcome.Ref(), w.Outcome.Version - 1
	default:
		return Ref{}, 0
	}
}

// commit commits writes and their audit records on the condition that no record
// of the caller's view has changed. A record that is also written needs no
// extra condition, because its write has one. If that write expects a version
// other than the view's, because a listing returned a newer record, the error
// is [Stale]. A change after which nobody could administer keys is
// [LastAdministrator].
func (r *Rules) commit(ctx context.Context, who principal, audits []AuditRecord, writes ...Write) error {
	if err := r.refuseLastAdministrator(ctx, who, writes); err != nil {
		return err
	}
	writes = append(writes, who.touchPolicies(writes)...)
	versions := map[Ref]int64{}
	for _, w := range writes {
		ref, version := writeCondition(w)
		versions[ref] = version
	}
	if who.view != nil {
		for _, condition := range who.view.unchanged() {
			ref, version := writeCondition(condition)
			switch seen, known := versions[ref]; {
			case !known:
				writes = append(writes, condition)
			case seen != version:
				return StaleError()
			}
		}
	}
	return r.Store.Commit(ctx, Change{Writes: writes, Audits: audits})
}

// touchPolicies returns writes that give a new version to each policy that a user
// gets. So a policy is not deleted as unused while a user gets it, and a
// confirmation of its deletion covers all users who have it.
func (who principal) touchPolicies(writes []Write) (touches []Write) {
	for _, w := range writes {
		var before, after User
		switch w := w.(type) {
		case CreateUser:
			after = w.User
		case ReplaceUser:
			before, after = w.Before, w.After
		}
		if after.Policy.IsZero() || after.Policy == before.Policy || who.view == nil {
			continue
		}
		if policy, err := who.view.found.Policy(who.view.org, after.Policy); err == nil {
			touched := policy
			touched.Version++
			touches = append(touches, ReplacePolicy{Before: policy, After: touched})
		}
	}
	return touches
}

// newAuditRecord returns a record of what a caller did to a target. before or
// after is nil if the target did not exist then; both are nil if the action
// changed nothing.
func (r *Rules) newAuditRecord(who principal, action Action, target string, before, after *auditFields) (AuditRecord, error) {
	id, err := uuid.New(r.Entropy)
	if err != nil {
		return AuditRecord{}, UnavailableError("read entropy", err)
	}
	record := AuditRecord{
		ID: id, Org: who.Org, At: r.now(), Action: action, Actor: who.actor, Key: who.Key, Target: target,
		Source: who.Source, UserAgent: who.UserAgent, RequestID: who.RequestID,
	}
	record.setChange(before, after)
	return record, nil
}

// asSystem returns the caller without its view and grant, for work that
// continues after the change that it was authorized for. A sweep has no caller,
// so the author of the policy's tombstone takes its place.
func (who principal) asSystem(policy Policy) principal {
	actor := who.actor
	if actor == (Actor{}) {
		actor = policy.LastModifiedBy
	}
	by := who.Caller
	by.Org = policy.Org
	return principal{Caller: by, actor: actor}
}

// commitAction is [Rules.commit] with one audit record.
func (r *Rules) commitAction(ctx context.Context, who principal, action Action, target string, before, after *auditFields, writes ...Write) error {
	audit, err := r.newAuditRecord(who, action, target, before, after)
	if err != nil {
		return err
	}
	return r.commit(ctx, who, []AuditRecord{audit}, writes...)
}

const staleAttempts = 8

// retryStale runs a change again from its first read if a record changed before
// the commit. It waits a short, random time between attempts. After
// staleAttempts it returns [Unavailable].
func retryStale(ctx context.Context, attempt func() error) error {
	for n := range staleAttempts {
		err := attempt()
		if err == nil || KindOf(err) != Stale {
			return err
		}
		select {
		case <-ctx.Done():
			return UnavailableError("commit a change before the deadline", ctx.Err())
		case <-time.After(rand.N(10 * time.Millisecond << min(n, 5))):
		}
	}
	return UnavailableError("commit a change under contention", nil)
}

// NameError returns the error for a name that is taken, for stores.
func NameError(subject Subject) *Error {
	field, detail := "name", "Another API key of the organization has this name. Choose another one."
	switch subject {
	case SubjectPolicy:
		detail = "Another policy has this name. Choose another one."
	case SubjectUser:
		field, detail = "email", "Another user has this e-mail address."
	case SubjectService:
		field, detail = "apis", "Another service has one of these APIs."
	}
	return &Error{Kind: NameTaken, Subject: subject, Detail: detail, Fields: []FieldError{{field, FieldConflict, detail}}}
}

// StaleError returns the error for a change whose records have changed, for
// stores.
func StaleError() *Error {
	return &Error{Kind: Stale, Detail: "Something that the change depends on has changed."}
}

// Values that a caller can send in place of a version.
const (
	// AnyVersion accepts every version, and none.
	AnyVersion int64 = 0
	// NoVersion matches nothing, so the change is refused.
	NoVersion int64 = -1
	// Present requires that the record exists, Absent that it does not.
	Present int64 = -2
	Absent  int64 = -3
)

// checkVersion refuses a version that is not the current one; current is 0 if
// the record does not exist.
func checkVersion(version, current int64, subject Subject) error {
	detail := "Its current version is not the one that you sent. Read it again."
	switch {
	case version == AnyVersion, version == current, version == Present && current > 0, version == Absent && current == 0:
		return nil
	case version == Absent:
		detail = "It exists already."
	case current == 0:
		detail = "It does not exist."
	}
	return &Error{Kind: PreconditionFailed, Subject: subject, Current: current, Detail: detail}
}
