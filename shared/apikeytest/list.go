package apikeytest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// listing is one kind of an organization's records, in an order.
type listing[V, P any] struct {
	doing string
	// within selects the records to read, and passes those to list.
	within, passes func(V) bool
	position       func(V) P
	compare        func(a, b P) int
}

// list reads one part of a listing of the kept records of a type. As in
// DynamoDB, records that the filter leaves out count as read.
func list[K, V, P any](ctx context.Context, s *Store, kept map[apikey.Ref]K, limit int, l listing[V, P]) (apikey.Listed[V, P], error) {
	return read(ctx, s, l.doing, func() (part apikey.Listed[V, P], err error) {
		things := map[apikey.Ref]V{}
		for ref, record := range kept {
			if thing, ok := any(record).(V); ok && l.within(thing) {
				things[ref] = thing
			}
		}
		there := slices.SortedFunc(maps.Keys(things), func(a, b apikey.Ref) int { return l.compare(l.position(things[a]), l.position(things[b])) })
		size := 0
		for i, ref := range there {
			thing := things[ref]
			size += weight(thing)
			passes := l.passes(thing)
			if passes && len(part.Records) == limit || i > 0 && size > s.readBytes {
				last := l.position(things[there[i-1]])
				part.Next = &last
				break
			}
			switch {
			case !passes:
			case s.damaged[ref]:
				part.Damaged = append(part.Damaged, apikey.Damage{Ref: ref, Cause: errDamaged})
			default:
				part.Records = append(part.Records, clone(thing))
			}
		}
		return part, nil
	})
}

// readBytes is how many bytes DynamoDB reads for one query.
const readBytes = 1 << 20

// weight returns the approximate stored size of a record.
func weight(record any) int {
	encoded, _ := json.Marshal(record)
	return len(encoded)
}

// ReadAtMost limits the bytes that one read of a listing evaluates. The default
// is DynamoDB's limit.
func (s *Store) ReadAtMost(bytes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.readBytes = bytes
}

var errDamaged = errors.New("damaged record: a test damaged it")

// Damage makes a record unreadable. An audit record has an [apikey.AuditRef].
func (s *Store) Damage(ref apikey.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.damaged[ref] = true
}

// Keys implements [apikey.Store].
func (s *Store) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	return list(ctx, s, s.records, limit, listing[apikey.Key, apikey.Position]{
		"list keys", func(k apikey.Key) bool {
			return k.Org == org && k.Deleted() == filter.Deleted && comparePositions(positionOf(k), after) > 0
		}, filter.Matches,
		positionOf, comparePositions,
	})
}

// Due implements [apikey.Store].
func (s *Store) Due(ctx context.Context, by time.Time, after apikey.Position, limit int) (apikey.Listed[apikey.Due, apikey.Position], error) {
	position := func(d apikey.Due) apikey.Position { return apikey.Position{CreatedOn: d.PurgeOn, ID: d.Key} }
	return list(ctx, s, s.records, limit, listing[apikey.Due, apikey.Position]{
		"list deleted keys that are due", func(d apikey.Due) bool { return !d.PurgeOn.After(by) && comparePositions(position(d), after) > 0 }, allPass[apikey.Due],
		position, comparePositions,
	})
}

// Policies implements [apikey.Store].
func (s *Store) Policies(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.Policy, uuid.UUID], error) {
	return list(ctx, s, s.records, limit, listing[apikey.Policy, uuid.UUID]{
		"list policies", func(p apikey.Policy) bool { return p.Org == org && compareIDs(p.ID, after) > 0 }, allPass[apikey.Policy],
		func(p apikey.Policy) uuid.UUID { return p.ID }, compareIDs,
	})
}

// Users implements [apikey.Store].
func (s *Store) Users(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.User, uuid.UUID], error) {
	return list(ctx, s, s.records, limit, listing[apikey.User, uuid.UUID]{
		"list users", func(u apikey.User) bool { return u.Org == org && compareIDs(u.ID, after) > 0 }, allPass[apikey.User],
		func(u apikey.User) uuid.UUID { return u.ID }, compareIDs,
	})
}

// Services implements [apikey.Store].
func (s *Store) Services(ctx context.Context, org apikey.OrgID, after string, limit int) (apikey.Listed[apikey.Service, string], error) {
	return list(ctx, s, s.records, limit, listing[apikey.Service, string]{
		"list services", func(v apikey.Service) bool { return v.Org == org && v.ID > after }, allPass[apikey.Service],
		func(v apikey.Service) string { return v.ID }, strings.Compare,
	})
}

// AuditRecords implements [apikey.Store].
func (s *Store) AuditRecords(ctx context.Context, org apikey.OrgID, filter apikey.AuditFilter, before apikey.Position, limit int) (apikey.Listed[apikey.AuditRecord, apikey.Position], error) {
	between := apikey.AuditFilter{From: filter.From, To: filter.To}
	return list(ctx, s, s.audit, limit, listing[apikey.AuditRecord, apikey.Position]{
		"read the audit log", func(r apikey.AuditRecord) bool {
			return r.Org == org && between.Matches(r) && (before == apikey.Position{} || comparePositions(recordedAt(r), before) < 0)
		}, filter.Matches,
		recordedAt, func(a, b apikey.Position) int { return comparePositions(b, a) },
	})
}

// allPass is the filter of an unfiltered listing.
func allPass[V any](V) bool { return true }

func positionOf(key apikey.Key) apikey.Position {
	return apikey.Position{CreatedOn: key.CreatedOn, ID: key.ID}
}

func recordedAt(record apikey.AuditRecord) apikey.Position {
	return apikey.Position{CreatedOn: record.At, ID: record.ID}
}

func comparePositions(a, b apikey.Position) int {
	return cmp.Or(a.CreatedOn.Compare(b.CreatedOn), compareIDs(a.ID, b.ID))
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
