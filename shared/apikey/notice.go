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
	// UnusedSince is since when the key had not been used when it was last noticed
	// as stale.
	UnusedSince time.Time
}

// noticer is the actor of notices.
var noticer = Actor{Username: "send-notices"}

// notices decides about the notices of one organization's keys at one time.
type notices struct {
	now time.Time
	// staleAfterDays is the organization's.
	staleAfterDays int
	// countedSince is since when uses are certainly counted.
	countedSince time.Time
}

// possible reports whether a notice could be due, before the key's last use is
// read. Nobody needs one about a key that opens nothing any more: if it is
// enabled again, it is looked at again.
func (n notices) possible(key Key) bool {
	if key.Disabled || key.Deleted() || !key.ExpiresOn.IsZero() && !n.now.Before(key.ExpiresOn) {
		return false
	}
	return n.expiryDays(key) > 0 || n.stale(n.unusedSince(key, LastUse{}))
}

// expiryDays returns how many days before the key's expiry the notice is due
// that is due now: the latest, if the time of several has come. It returns 0 for
// none.
func (n notices) expiryDays(key Key) int {
	for _, days := range noticeDays {
		if left := key.ExpiresOn.Sub(n.now); !key.ExpiresOn.IsZero() && left <= time.Duration(days)*Day {
			return days
		}
	}
	return 0
}

// unusedSince returns since when the key could have been used and was not: since
// its last use, or since it was made, got its current secret or became valid. No
// key is known to be unused since before its uses were counted.
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

// noticeFields says whose key a notice is about, so that whoever gets it knows
// whom to tell.
func (k Key) noticeFields() *auditFields {
	f := newAuditFields()
	f.put("name", k.Name)
	f.put("createdBy", k.CreatedBy.Username)
	f.put("onBehalfOf", k.OnBehalfOf.String())
	return f
}
