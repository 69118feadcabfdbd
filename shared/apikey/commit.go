package apikey

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// subject names what a write writes or requires; empty for a write that no
// condition can be about.
func subject(w Write) string {
	switch w := w.(type) {
	case CreateKey:
		return "key " + w.Key.ID.String()
	case ReplaceKey:
		return "key " + w.Before.ID.String()
	case DeleteKey:
		return "key " + w.Key.ID.String()
	case RequireKey:
		return "key " + w.ID.String()
	case ReplacePolicy:
		return "policy " + w.Before.ID.String()
	case DeletePolicy:
		return "policy " + w.Policy.ID.String()
	case RequirePolicy:
		return "policy " + w.ID.String()
	case ReplaceUser:
		return "user " + w.Before.ID.String()
	case DeleteUser:
		return "user " + w.User.ID.String()
	case RequireUser:
		return "user " + w.ID.String()
	case ReplaceOrganization:
		return "organization " + string(w.Before.ID)
	case RequireOrganization:
		return "organization " + string(w.ID)
	default:
		return ""
	}
}

// commit commits writes with their records, on the conditions given. A condition
// on what is written anyway is left out: the write has one of its own.
func (k *Keys) commit(ctx context.Context, audits []AuditRecord, conditions []Write, writes ...Write) error {
	seen := map[string]bool{}
	for _, w := range writes {
		seen[subject(w)] = true
	}
	for _, w := range conditions {
		if s := subject(w); !seen[s] {
			seen[s] = true
			writes = append(writes, w)
		}
	}
	return k.Store.Commit(ctx, Change{Writes: writes, Audits: audits})
}

// record is an audit record of what a caller did to a target.
func (k *Keys) record(who acting, action Action, target string, before, after map[string]string) (AuditRecord, error) {
	id, err := keytext.NewID(k.Entropy)
	if err != nil {
		return AuditRecord{}, Failed("read entropy", err)
	}
	return AuditRecord{
		ID: id, Org: who.Org, At: k.now(), Action: action, Actor: who.actor, Key: who.Key, Target: target,
		Source: who.Source, UserAgent: who.UserAgent, RequestID: who.RequestID, Before: before, After: after,
	}, nil
}

// alone is the caller, for what goes on after the change that it was checked
// for; on a sweep there is none, and the author of a policy's tombstone stands in
// for it.
func (who acting) alone(policy Policy) acting {
	actor := who.actor
	if actor == (Actor{}) {
		actor = policy.LastModifiedBy
	}
	by := who.Caller
	by.Org = policy.Org
	return acting{Caller: by, actor: actor}
}

// change commits writes by a caller with one record, on the condition that the
// caller is still what it was.
func (k *Keys) change(ctx context.Context, who acting, action Action, target string, before, after map[string]string, conditions []Write, writes ...Write) error {
	audit, err := k.record(who, action, target, before, after)
	if err != nil {
		return err
	}
	return k.commit(ctx, []AuditRecord{audit}, append(conditions, who.requires()...), writes...)
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
			return Failed("commit a change before the deadline", ctx.Err())
		case <-time.After(rand.N(10 * time.Millisecond << min(n, 5))):
		}
	}
	return Failed("commit a change under contention", nil)
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

// expect refuses a version, named by the caller, that is not the current one; 0
// names none.
func expect(version, current int64, subject Subject) error {
	if version == 0 || version == current {
		return nil
	}
	return &Error{Kind: PreconditionFailed, Subject: subject, Detail: "It has changed since the version that If-Match names."}
}
