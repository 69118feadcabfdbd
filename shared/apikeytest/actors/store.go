package actors

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// watched is the store of an episode: it lets others call before a commit, mostly,
// and tells the world what was committed.
type watched struct {
	apikey.Store
	episode *episode
}

// Commit implements [apikey.Store].
func (s watched) Commit(ctx context.Context, change apikey.Change) error {
	e := s.episode
	e.interrupt(ctx, 2)
	if e.flaw.write != nil {
		change.Writes = e.flaw.write(e, change)
	}
	kept := change
	if e.flaw.keep != nil {
		kept.Writes = e.flaw.keep(change.Writes)
	}
	err := s.Store.Commit(ctx, kept)
	c := e.current()
	switch {
	case err == nil:
		e.fail(e.committed(c, change))
	case apikey.KindOf(err) == apikey.Stale:
		c.stale++
		e.report.Stale++
	}
	return err
}

// Read lets others call, now and then, after the first read of a request: that
// one asks for the organization. What else a request reads, it may read at the
// same time as other things, in which nobody can call in an order that the seed
// decides.
func (s watched) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	e := s.episode
	found, err := s.Store.Read(ctx, refs...)
	for ref, finding := range found {
		if e.flaw.read != nil && finding.Err == nil {
			finding.Record = e.flaw.read(e, e.current(), finding.Record)
			found[ref] = finding
		}
	}
	if slices.Contains(refs, apikey.OrganizationRef(demo)) {
		e.interrupt(ctx, 4)
	}
	return found, err
}

// part is how many records a listing has in a part at most, so that even a small
// one has several.
const part = 3

// Keys implements [apikey.Store].
func (s watched) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	return s.Store.Keys(ctx, org, filter, after, min(limit, part))
}

// Policies implements [apikey.Store].
func (s watched) Policies(ctx context.Context, org apikey.OrgID, after keytext.ID, limit int) (apikey.Listed[apikey.Policy, keytext.ID], error) {
	return s.Store.Policies(ctx, org, after, min(limit, part))
}

// Users implements [apikey.Store].
func (s watched) Users(ctx context.Context, org apikey.OrgID, after keytext.ID, limit int) (apikey.Listed[apikey.User, keytext.ID], error) {
	return s.Store.Users(ctx, org, after, min(limit, part))
}

// vault keeps encrypted copies that are not encrypted.
type vault struct{}

// Seal implements [apikey.Vault].
func (vault) Seal(_ context.Context, _ keytext.ID, text string) ([]byte, error) {
	return []byte(text), nil
}

// Open implements [apikey.Vault].
func (vault) Open(_ context.Context, _ keytext.ID, sealed []byte) (string, error) {
	return string(sealed), nil
}

// flaw is what is wrong with the rules or with the store, for tests of the model.
type flaw struct {
	// write is what the rules write in the place of a change, at the moment of
	// its commit.
	write func(*episode, apikey.Change) []apikey.Write
	// read is what a call sees in the place of a record.
	read func(*episode, *call, any) any
	// keep is what the store does in the place of the writes.
	keep func([]apikey.Write) []apikey.Write
}
