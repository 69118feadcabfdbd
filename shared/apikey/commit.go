package apikey

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// written is the record that a write writes or requires, and in which version;
// the zero Ref for a write that no condition can be about.
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
	default:
		return Ref{}, 0
	}
}

// commit commits writes by a caller with their records, on the condition that
// nothing has changed of what was read to decide them. A condition on what is
// written anyway is left out: the write has one of its own. Where that is about
// another version, which a listing has shown since, the change is [Stale]. One
// that would leave nobody to administer keys is [LastAdministrator].
func (k *Keys) commit(ctx context.Context, who principal, audits []AuditRecord, writes ...Write) error {
	if err := k.refuseLastAdministrator(ctx, who, writes); err != nil {
		return err
	}
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
	return k.Store.Commit(ctx, Change{Writes: writes, Audits: audits})
}

// record is an audit record of what a caller did to a target, which was before
// and is after; nil where it did not or does not exist, or stays as it is.
func (k *Keys) newAuditRecord(who principal, action Action, target string, before, after *auditFields) (AuditRecord, error) {
	id, err := keytext.NewID(k.Entropy)
	if err != nil {
		return AuditRecord{}, UnavailableError("read entropy", err)
	}
	record := AuditRecord{
		ID: id, Org: who.Org, At: k.now(), Action: action, Actor: who.actor, Key: who.Key, Target: target,
		Source: who.Source, UserAgent: who.UserAgent, RequestID: who.RequestID,
	}
	record.setChange(before, after)
	return record, nil
}

// alone is the caller, for what goes on after the change that it was checked
// for; on a sweep there is none, and the author of a policy's tombstone stands in
// for it.
func (who principal) asSystem(policy Policy) principal {
	actor := who.actor
	if actor == (Actor{}) {
		actor = policy.LastModifiedBy
	}
	by := who.Caller
	by.Org = policy.Org
	return principal{Caller: by, actor: actor}
}

// change is [Keys.commit] with one record.
func (k *Keys) commitAction(ctx context.Context, who principal, action Action, target string, before, after *auditFields, writes ...Write) error {
	audit, err := k.newAuditRecord(who, action, target, before, after)
	if err != nil {
		return err
	}
	return k.commit(ctx, who, []AuditRecord{audit}, writes...)
}

const staleAttempts = 8

// retryStale runs a change again, from its reads on, as long as something that
// it read changed before it was committed. The waits are short, random and
// bounded; a change that never gets through is [Unavailable].
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

// QuotaError is the error of a full organization, for rules and stores alike.
func QuotaError(limit int) *Error {
	return &Error{Kind: QuotaReached, Detail: fmt.Sprintf("The organization has all the %d API keys that it may have.", limit)}
}

// UserQuotaError is the error of a user who has all the personal keys that one
// may have, for rules and stores alike.
func UserQuotaError() *Error {
	return &Error{Kind: QuotaReached, Subject: SubjectUser, Detail: fmt.Sprintf("The user has all the %d personal keys that one may have.", MaxPersonalKeys)}
}

// NameError is the error of a name that is taken, for stores.
func NameError(subject Subject) *Error {
	field, detail := "name", "Another API key of the organization has this name."
	switch subject {
	case SubjectPolicy:
		detail = "Another policy has this name."
	case SubjectUser:
		field, detail = "email", "Another user has this e-mail address."
	case SubjectService:
		field, detail = "apis", "Another service has one of these APIs."
	}
	return &Error{Kind: NameTaken, Subject: subject, Detail: detail, Fields: []FieldError{{field, FieldConflict, detail}}}
}

// StaleError is the error of a change of something that has changed, for
// stores.
func StaleError() *Error {
	return &Error{Kind: Stale, Detail: "Something that the change depends on has changed."}
}

// What a change can ask for in the place of a version.
const (
	// AnyVersion asks for nothing.
	AnyVersion int64 = 0
	// NoVersion is that of nothing, so that the change is refused.
	NoVersion int64 = -1
	// Present asks for whatever version exists, Absent for none to exist.
	Present int64 = -2
	Absent  int64 = -3
)

// expect refuses a version, asked for by the caller, that is not the current one;
// 0 is the current one of what does not exist.
func checkVersion(version, current int64, subject Subject) error {
	detail := "It has changed since the version that was asked for."
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
