package apikey

import (
	"strconv"
	"time"
)

// noticeDays are how many days before its expiry a key gets a notice, fewest
// first.
var noticeDays = []int{1, 7, 30}

// Noticed says which notices about a key were recorded. It decides only whether
// another one is due.
type Noticed struct {
	// ExpiresOn is the expiry that the last notice of an expiry was about, and Days
	// how many days before it that notice was due.
	ExpiresOn time.Time
	Days      int
	// UnusedSince is the start of the time without use that the last notice of a
	// stale key was about.
	UnusedSince time.Time
}

// noticer is the actor of notices.
var noticer = Actor{Username: "send-notices"}

// notices decides about the notices of one organization's keys at one time.
type notices struct {
	now time.Time
	// staleAfterDays is the organization's.
	staleAfterDays int
	// countedSince is the time from which all uses are counted.
	countedSince time.Time
}

// possible reports whether a notice could be due, before the key's last use is
// read. A key that is disabled, deleted or expired needs none. If it is enabled
// again, the next round looks at it again.
func (n notices) possible(key Key) bool {
	if key.Disabled || key.Deleted() || !key.ExpiresOn.IsZero() && !n.now.Before(key.ExpiresOn) {
		return false
	}
	return n.expiryDays(key) > 0 || n.stale(n.unusedSince(key, LastUse{}))
}

// expiryDays returns the days, out of noticeDays, of the notice of expiry that
// is due now; the fewest if several are due, and 0 if none is.
func (n notices) expiryDays(key Key) int {
	for _, days := range noticeDays {
		if left := key.ExpiresOn.Sub(n.now); !key.ExpiresOn.IsZero() && left <= time.Duration(days)*Day {
			return days
		}
	}
	return 0
}

// unusedSince returns the start of the key's time without use: its last use or,
// if one of these is later, when it was made, got its current secret or became
// valid, and when the counting of uses began.
func (n notices) unusedSince(key Key, use LastUse) time.Time {
	since := use.UsedOn
	for _, at := range []time.Time{key.CreatedOn, key.SecretOn, key.NotBefore, n.countedSince} {
		if at.After(since) {
			since = at
		}
	}
	return since
}

func (n notices) stale(since time.Time) bool {
	return n.staleAfterDays > 0 && n.now.Sub(since) >= time.Duration(n.staleAfterDays)*Day
}

// due returns what is noticed about a key after its due notices, and the fields
// of their audit records; nil for a notice that is not due.
func (n notices) due(key Key, use LastUse) (after Noticed, expiring, stale *auditFields) {
	if after = use.Noticed; !n.possible(key) {
		return after, nil, nil
	}
	days := n.expiryDays(key)
	if days > 0 && (!after.ExpiresOn.Equal(key.ExpiresOn) || days < after.Days) {
		after.ExpiresOn, after.Days = key.ExpiresOn, days
		expiring = key.noticeFields()
		expiring.time("expiresOn", key.ExpiresOn)
		expiring.put("days", strconv.Itoa(days))
	}
	if since := n.unusedSince(key, use); n.stale(since) && !after.UnusedSince.Equal(since) {
		after.UnusedSince = since
		stale = key.noticeFields()
		stale.time("unusedSince", since)
		stale.time("lastUsedOn", use.UsedOn)
		stale.put("staleAfterDays", strconv.Itoa(n.staleAfterDays))
	}
	return after, expiring, stale
}

// noticeFields returns the fields that say whose key a notice is about, so that
// its recipient knows whom to tell.
func (k Key) noticeFields() *auditFields {
	f := newAuditFields()
	f.put("name", k.Name)
	f.put("createdBy", k.CreatedBy.Username)
	f.put("onBehalfOf", k.OnBehalfOf.String())
	return f
}
