package actors

import (
	"context"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// watched is the store of an episode. Before most commits it makes other calls,
// and it reports each committed change to the world.
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

// Read sometimes makes other calls after the first read of a request, which is
// the one that requests the organization. Later reads may run concurrently, and
// then the seed would not determine the order of the calls.
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

// part is the maximum number of records in a part of a listing, so that even a
// small listing has several parts.
const part = 3

// Keys implements [apikey.Store].
func (s watched) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	return s.Store.Keys(ctx, org, filter, after, min(limit, part))
}

// Policies implements [apikey.Store].
func (s watched) Policies(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.Policy, uuid.UUID], error) {
	return s.Store.Policies(ctx, org, after, min(limit, part))
}

// Users implements [apikey.Store].
func (s watched) Users(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.User, uuid.UUID], error) {
	return s.Store.Users(ctx, org, after, min(limit, part))
}

// vault stores copies without encrypting them.
type vault struct{}

// Seal implements [apikey.Vault].
func (vault) Seal(_ context.Context, _ uuid.UUID, text string) ([]byte, error) {
	return []byte(text), nil
}

// Open implements [apikey.Vault].
func (vault) Open(_ context.Context, _ uuid.UUID, sealed []byte) (string, error) {
	return string(sealed), nil
}

// flaw is a fault in the rules or in the store, for tests of the model.
type flaw struct {
	// write returns the writes that the rules commit instead of the change's.
	write func(*episode, apikey.Change) []apikey.Write
	// read returns the record that a call reads instead of the stored one.
	read func(*episode, *call, any) any
	// keep returns the writes that the store applies instead of the committed
	// ones.
	keep func([]apikey.Write) []apikey.Write
}
