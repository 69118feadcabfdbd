package apikeytest

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// Paced is a store that counts how often a request waits for it. In a
// testing/synctest bubble, each call takes one turn of the bubble's time, and
// concurrent calls share a turn. So the count is the number of consecutive
// waits, whatever the machine does.
type Paced struct {
	apikey.Store
	calls atomic.Int64
}

// turn is the time of a wait. It is longer than all pauses before a change is
// retried.
const turn = time.Minute

// maxBatch is how many records DynamoDB reads in one batch.
const maxBatch = 100

// maxNamed is how many names are read in one batch.
const maxNamed = 40

// Count calls do and returns how many consecutive waits it took, and how many
// calls.
func (p *Paced) Count(do func()) (waits, calls int) {
	began, before := time.Now(), p.calls.Load()
	do()
	return int(time.Since(began) / turn), int(p.calls.Load() - before)
}

// take waits for n consecutive calls.
func (p *Paced) take(n int) {
	p.calls.Add(int64(n))
	time.Sleep(time.Duration(n) * turn)
}

// Read implements [apikey.Store], with one call for each batch, all at the
// same time. What is about uses is in another table, and so in other batches.
func (p *Paced) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	uses := 0
	for _, ref := range refs {
		if ref.Subject == apikey.SubjectLastUse || ref.Subject == apikey.SubjectNoticeRound {
			uses++
		}
	}
	batches := func(records int) int { return (records + maxBatch - 1) / maxBatch }
	others := batches(len(refs) - uses)
	p.calls.Add(int64(batches(uses) + others))
	time.Sleep(time.Duration(min(1, len(refs))) * turn)
	return p.Store.Read(ctx, refs...)
}

// Uses implements [apikey.Store].
func (p *Paced) Uses(ctx context.Context, key uuid.UUID, from, to time.Time) ([]apikey.Uses, error) {
	p.take(1)
	return p.Store.Uses(ctx, key, from, to)
}

// LastUses implements [apikey.Store].
func (p *Paced) LastUses(ctx context.Context, org apikey.OrgID, before apikey.Position, limit int) (apikey.Listed[apikey.LastUse, apikey.Position], error) {
	p.take(1)
	return p.Store.LastUses(ctx, org, before, limit)
}

// Names implements [apikey.Store], with one call for each batch, all at the
// same time.
func (p *Paced) Names(ctx context.Context, org apikey.OrgID, policies, users []uuid.UUID) (apikey.Names, error) {
	named := map[uuid.UUID]bool{}
	for _, id := range slices.Concat(policies, users) {
		named[id] = !id.IsZero()
	}
	delete(named, uuid.UUID{})
	if batches := (len(named) + maxNamed - 1) / maxNamed; batches > 0 {
		p.calls.Add(int64(batches))
		time.Sleep(turn)
	}
	return p.Store.Names(ctx, org, policies, users)
}

// Keys implements [apikey.Store].
func (p *Paced) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	p.take(1)
	return p.Store.Keys(ctx, org, filter, after, limit)
}

// Policies implements [apikey.Store].
func (p *Paced) Policies(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.Policy, uuid.UUID], error) {
	p.take(1)
	return p.Store.Policies(ctx, org, after, limit)
}

// Services implements [apikey.Store].
func (p *Paced) Services(ctx context.Context, org apikey.OrgID, after string, limit int) (apikey.Listed[apikey.Service, string], error) {
	p.take(1)
	return p.Store.Services(ctx, org, after, limit)
}

// Users implements [apikey.Store].
func (p *Paced) Users(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.User, uuid.UUID], error) {
	p.take(1)
	return p.Store.Users(ctx, org, after, limit)
}

// UserByClaim implements [apikey.Store], with one call for the claim and one
// for the user.
func (p *Paced) UserByClaim(ctx context.Context, org apikey.OrgID, claim string) (apikey.User, error) {
	p.take(2)
	return p.Store.UserByClaim(ctx, org, claim)
}

// Sealed implements [apikey.Store].
func (p *Paced) Sealed(ctx context.Context, id uuid.UUID) ([]byte, error) {
	p.take(1)
	return p.Store.Sealed(ctx, id)
}

// AuditRecords implements [apikey.Store].
func (p *Paced) AuditRecords(ctx context.Context, org apikey.OrgID, filter apikey.AuditFilter, before apikey.Position, limit int) (apikey.Listed[apikey.AuditRecord, apikey.Position], error) {
	p.take(1)
	return p.Store.AuditRecords(ctx, org, filter, before, limit)
}

// Organizations implements [apikey.Store].
func (p *Paced) Organizations(ctx context.Context, after apikey.OrgID, limit int) (apikey.Listed[apikey.OrgID, apikey.OrgID], error) {
	p.take(1)
	return p.Store.Organizations(ctx, after, limit)
}

// Unfinished implements [apikey.Store].
func (p *Paced) Unfinished(ctx context.Context) ([]apikey.Task, []apikey.Damage, error) {
	p.take(1)
	return p.Store.Unfinished(ctx)
}

// Peppers implements [apikey.Store].
func (p *Paced) Peppers(ctx context.Context) ([]apikey.Pepper, error) {
	p.take(1)
	return p.Store.Peppers(ctx)
}

// Commit implements [apikey.Store].
func (p *Paced) Commit(ctx context.Context, change apikey.Change) error {
	p.take(1)
	return p.Store.Commit(ctx, change)
}
