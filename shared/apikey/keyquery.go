package apikey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// KeyQuery selects and orders keys for a list; a zero field selects all.
type KeyQuery struct {
	KeyFilter
	// Text must be part of the name, in any case.
	Text string
	// State is the state that the keys are in now.
	State KeyState
	// Service is a service on which the keys can be used.
	Service string
	// ExpiresBefore selects keys that expire, and do so before then.
	ExpiresBefore time.Time
	// UnusedSince selects keys whose last use, or creation if they were never
	// used, is before then.
	UnusedSince time.Time
	Use         KeyUse
	// Sort is what the list is ordered by. Descending reverses it.
	Sort       KeySort
	Descending bool
}

// KeyState is a state that a key can be in. It can be in several.
type KeyState string

// The states of keys. A deleted key is in no other one.
const (
	StateActive   KeyState = "active"
	StateDisabled KeyState = "disabled"
	StateExpired  KeyState = "expired"
	StateNotYet   KeyState = "notYet"
	// StateOverlap is the state of an active key with a previous secret that
	// still works.
	StateOverlap KeyState = "overlap"
	StateDeleted KeyState = "deleted"
)

// KeyStates lists all states.
var KeyStates = []KeyState{StateActive, StateDisabled, StateExpired, StateNotYet, StateOverlap, StateDeleted}

// KeySorts lists all sorts.
var KeySorts = []KeySort{SortCreated, SortName, SortLastUsed, SortExpires}

// KeyUse says whether a key was ever used.
type KeyUse string

// Whether a key was used.
const (
	EverUsed  KeyUse = "ever"
	NeverUsed KeyUse = "never"
)

// KeySort is what a list of keys is ordered by. The zero value means
// [SortCreated].
type KeySort string

// What lists of keys can be ordered by. Keys that were never used come first,
// and keys that never expire last.
const (
	SortCreated  KeySort = "createdOn"
	SortName     KeySort = "name"
	SortLastUsed KeySort = "lastUsedOn"
	SortExpires  KeySort = "expiresOn"
)

// indexed reports whether the store's order of creation serves the query. Any
// other one reads all keys that could match.
func (q KeyQuery) indexed() bool {
	return q.byCreation() && !q.Descending && !q.needsUses()
}

func (q KeyQuery) byCreation() bool { return q.Sort == "" || q.Sort == SortCreated }

// needsUses reports whether the query depends on the last uses of keys.
func (q KeyQuery) needsUses() bool {
	return q.Sort == SortLastUsed || q.Use != "" || !q.UnusedSince.IsZero()
}

// filtersAfterwards reports whether the query selects by what the store does not
// filter by.
func (q KeyQuery) filtersAfterwards() bool {
	return q.Text != "" || q.State != "" && q.State != StateDeleted || q.Service != "" || !q.ExpiresBefore.IsZero()
}

// check returns [Invalid] if no key can match the query.
func (q KeyQuery) check(now time.Time) error {
	var faults []FieldError
	contradict := func(a, b, why string) {
		detail := fmt.Sprintf("%s and %s contradict each other: %s. Leave one out.", a, b, why)
		faults = append(faults, FieldError{a, FieldConflict, detail}, FieldError{b, FieldConflict, detail})
	}
	if q.Name != "" && q.Text != "" {
		contradict("name", "q", "name is the whole name of one key")
	}
	live := slices.Contains([]KeyState{StateActive, StateNotYet, StateOverlap}, q.State)
	if live && !q.ExpiresBefore.IsZero() && !q.ExpiresBefore.After(now) {
		contradict("state", "expiresBefore", "a key that expired in the past is not in the state "+string(q.State))
	}
	return InvalidError(faults...)
}

// matches reports whether a key that passes the filter matches the rest of the
// query. lastUse is zero for a key that was never used.
func (q KeyQuery) matches(key Key, lastUse, now time.Time) bool {
	switch {
	case q.Text != "" && !strings.Contains(strings.ToLower(key.Claim), strings.ToLower(q.Text)),
		q.State != "" && !key.in(q.State, now),
		q.Service != "" && len(key.Services) > 0 && !slices.Contains(key.Services, q.Service),
		!q.ExpiresBefore.IsZero() && (key.ExpiresOn.IsZero() || !key.ExpiresOn.Before(q.ExpiresBefore)),
		q.Use == NeverUsed && !lastUse.IsZero(), q.Use == EverUsed && lastUse.IsZero():
		return false
	case q.UnusedSince.IsZero():
		return true
	case lastUse.IsZero():
		return key.CreatedOn.Before(q.UnusedSince)
	}
	return lastUse.Before(q.UnusedSince)
}

// in reports whether a key is in a state.
func (k Key) in(state KeyState, now time.Time) bool {
	if k.Deleted() || state == StateDeleted {
		return k.Deleted() && state == StateDeleted
	}
	switch state {
	case StateActive:
		return k.Live(now)
	case StateDisabled:
		return k.Disabled
	case StateExpired:
		return !k.ExpiresOn.IsZero() && !now.Before(k.ExpiresOn)
	case StateNotYet:
		return now.Before(k.NotBefore)
	case StateOverlap:
		return k.Live(now) && slices.ContainsFunc(k.Older, func(s OlderSecret) bool { return k.LiveSecret(s, now) })
	}
	return false
}

// MaxSortValue is more than the longest text by which a list is ordered, in
// bytes: a name in lower case. Its NFC form takes at most three times the bytes
// of the name (Unicode UAX 15), and lower case half as many again.
const MaxSortValue = 5 * MaxNameBytes

// ranked is a key with the text by which a list is ordered.
type ranked struct {
	Key
	value string
}

// rank returns a key with its place in the order.
func (q KeyQuery) rank(key Key, lastUse time.Time) ranked {
	switch q.Sort {
	case SortName:
		return ranked{key, strings.ToLower(key.Claim)}
	case SortLastUsed:
		return ranked{key, sortable(lastUse, "")}
	case SortExpires:
		return ranked{key, sortable(key.ExpiresOn, "~")}
	}
	return ranked{key, sortable(key.CreatedOn, "")}
}

// sortable returns a time as text of a fixed width, or none for the zero time.
func sortable(at time.Time, none string) string {
	if at.IsZero() {
		return none
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

// compare orders two places in the list; ids decide between equal values.
func (q KeyQuery) compare(value string, id uuid.UUID, otherValue string, other uuid.UUID) int {
	order := cmp.Or(strings.Compare(value, otherValue), strings.Compare(id.String(), other.String()))
	if q.Descending {
		return -order
	}
	return order
}
