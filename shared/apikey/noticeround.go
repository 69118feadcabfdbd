package apikey

import (
	"context"
	"sync/atomic"
	"time"
)

// NoticeRound is how far the notices have come in the round through all
// organizations and their keys.
type NoticeRound struct {
	// FirstOn is when the first round of all began. Uses are counted since then.
	FirstOn time.Time
	// Org is the last organization whose keys were looked at, up to the position
	// After; all of them if that is zero. Org is empty if the round is complete.
	Org   OrgID
	After Position
	// Version counts the record's changes, from 1.
	Version int64
}

// NoticeRoundRef names the only [NoticeRound].
func NoticeRoundRef() Ref { return Ref{Subject: SubjectNoticeRound} }

// NoticeRound returns the requested round; [NotFound] before the first one.
func (f Found) NoticeRound() (NoticeRound, error) { return finding[NoticeRound](f, NoticeRoundRef()) }

// NoticesSent is what [Rules.SendNotices] has done.
type NoticesSent struct {
	// Keys counts the keys that were looked at, Notices what was recorded.
	Keys, Notices int
	// Complete says that the round has reached its end.
	Complete bool
}

// noticeReserve is the time that must be left for another page of keys.
const noticeReserve = 30 * time.Second

// noticeRun continues a round.
type noticeRun struct {
	*Rules
	NoticeRound
	sent NoticesSent
	// failed is the last failure. The notices of other keys are recorded all the
	// same.
	failed error
}

// SendNotices records in the audit log which keys expire in 30, 7 or 1 days, and
// which were not used for as long as their organization allows. Each notice is
// recorded once, whoever runs at the same time; another expiry, or a use, makes
// it due again. If the context's deadline comes near, the next call continues.
// Keys that are disabled or expired, and those of suspended organizations, get
// none. Errors: [Unavailable]; what did not fail is recorded.
func (r *Rules) SendNotices(ctx context.Context) (NoticesSent, error) {
	found, err := r.Store.Read(ctx, NoticeRoundRef())
	if err != nil {
		return NoticesSent{}, err
	}
	round, err := found.NoticeRound()
	if err != nil && KindOf(err) != NotFound {
		return NoticesSent{}, err
	}
	if round.Version++; round.Version == 1 {
		round.FirstOn = r.now()
	}
	run := &noticeRun{Rules: r, NoticeRound: round}
	run.sent.Complete = run.organizations(ctx)
	if run.sent.Complete {
		run.Org, run.After = "", Position{}
	}
	// If another run was faster, its progress stays.
	err = r.Store.Commit(ctx, Change{Writes: []Write{PutNoticeRound{run.NoticeRound}}})
	if err != nil && KindOf(err) != Stale {
		return run.sent, err
	}
	return run.sent, run.failed
}

// organizations goes through all organizations that the round has not reached
// yet, and reports whether it came to the end in time.
func (n *noticeRun) organizations(ctx context.Context) (complete bool) {
	if n.After != (Position{}) && !n.keys(ctx) {
		return false
	}
	for next := &n.Org; next != nil; {
		part, err := n.Store.Organizations(ctx, *next, MaxPage)
		if err != nil {
			n.failed = err
			return false
		}
		n.fail(unavailableIfDamaged(part.Damaged, nil))
		for _, org := range part.Records {
			if n.Org, n.After = org, (Position{}); !n.keys(ctx) {
				return false
			}
		}
		next = part.Next
	}
	return true
}

func (n *noticeRun) fail(err error) {
	if err != nil {
		n.failed = err
	}
}

// keys goes through the rest of the organization's keys, and reports whether
// there is time for another organization.
func (n *noticeRun) keys(ctx context.Context) (inTime bool) {
	about, ok, err := n.about(ctx)
	if n.fail(err); !ok {
		n.After = Position{}
		return ctx.Err() == nil
	}
	for {
		part, err := n.Store.Keys(ctx, n.Org, KeyFilter{}, n.After, NoLimit)
		if err != nil {
			n.fail(err)
			if ctx.Err() == nil {
				n.After = Position{} // the next round tries the rest again
			}
			return ctx.Err() == nil
		}
		n.fail(unavailableIfDamaged(part.Damaged, nil))
		n.page(ctx, about, part.Records)
		if ctx.Err() != nil {
			return false // the page is looked at again
		}
		if n.After = (Position{}); part.Next != nil {
			n.After = *part.Next
		}
		end, ends := ctx.Deadline()
		if ends && time.Until(end) < noticeReserve {
			return false
		}
		if part.Next == nil {
			return true
		}
	}
}

// about returns what the notices of the organization's keys depend on; ok is
// false if the organization is suspended, because its keys then get none.
func (n *noticeRun) about(ctx context.Context) (about notices, ok bool, err error) {
	found, err := n.Store.Read(ctx, OrganizationRef(n.Org), StatusRef(n.Org))
	if err != nil {
		return notices{}, false, err
	}
	org, err := found.Organization(n.Org)
	if err != nil {
		return notices{}, false, err
	}
	status, err := found.Status(n.Org)
	return notices{n.now(), org.StaleAfterDays, n.FirstOn}, err == nil && !status.Suspended, err
}

// page records the notices of some keys.
func (n *noticeRun) page(ctx context.Context, about notices, keys []Key) {
	n.sent.Keys += len(keys)
	var refs []Ref
	var candidates []Key
	for _, key := range keys {
		if about.possible(key) {
			refs, candidates = append(refs, LastUseRef(key.ID)), append(candidates, key)
		}
	}
	if refs == nil {
		return
	}
	found, err := n.Store.Read(ctx, refs...)
	if err != nil {
		n.fail(err)
		return
	}
	var sent atomic.Int64
	failures := make([]error, len(candidates))
	inTurns(keysAtOnce, len(candidates), func(i int) {
		key := candidates[i]
		use, err := found.LastUse(key.ID)
		if err != nil && KindOf(err) != NotFound {
			failures[i] = err
			return
		}
		recorded, err := n.notice(ctx, about, key, use)
		sent.Add(int64(recorded))
		failures[i] = err
	})
	n.sent.Notices += int(sent.Load())
	for _, err := range failures {
		n.fail(err)
	}
}

// notice records the notices that are due about a key. If the key or its use has
// changed since it was read, the next round looks again.
func (n *noticeRun) notice(ctx context.Context, about notices, key Key, use LastUse) (recorded int, err error) {
	change, err := n.noticeChange(about, key, use)
	if err != nil || len(change.Audits) == 0 {
		return 0, err
	}
	switch err := n.Store.Commit(ctx, change); {
	case err == nil:
		return len(change.Audits), nil
	case KindOf(err) == Stale:
		return 0, nil
	default:
		return 0, err
	}
}

// noticeChange returns the change that records the notices that are due; without
// audit records if none is.
func (n *noticeRun) noticeChange(about notices, key Key, use LastUse) (change Change, err error) {
	noticed, expiring, stale := about.due(key, use)
	who := principal{Caller: Caller{Org: key.Org}, actor: noticer}
	for _, kind := range []struct {
		Action
		fields *auditFields
	}{{ActionKeyExpiring, expiring}, {ActionKeyStale, stale}} {
		if kind.fields == nil {
			continue
		}
		audit, err := n.newAuditRecord(who, kind.Action, key.ID.String(), nil, kind.fields)
		if err != nil {
			return Change{}, err
		}
		change.Audits = append(change.Audits, audit)
	}
	after := use
	after.Key, after.Org, after.Noticed = key.ID, key.Org, noticed
	after.Version++
	change.Writes = []Write{PutLastUse{use, after}, Require{KeyRef(key.ID), key.Version}}
	return change, nil
}
