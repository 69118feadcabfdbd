package actors

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// watched is the store of an episode: it lets others call before each commit,
// and now and then before a read, and tells the world what was committed.
type watched struct {
	apikey.Store
	episode *episode
}

func (s watched) Commit(ctx context.Context, change apikey.Change) error {
	e := s.episode
	e.interrupt(ctx, 2)
	if e.flaw.write != nil {
		change.Writes = e.flaw.write(e, change)
	}
	err := s.Store.Commit(ctx, change)
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

func (s watched) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	e := s.episode
	e.interrupt(ctx, 24)
	found, err := s.Store.Read(ctx, refs...)
	for ref, finding := range found {
		if e.flaw.read != nil && finding.Err == nil {
			finding.Record = e.flaw.read(e, e.current(), finding.Record)
			found[ref] = finding
		}
	}
	return found, err
}

func (s watched) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) ([]apikey.Key, bool, error) {
	s.episode.interrupt(ctx, 6)
	return s.Store.Keys(ctx, org, filter, after, limit)
}

func (s watched) Users(ctx context.Context, org apikey.OrgID, after keytext.ID, limit int) ([]apikey.User, bool, error) {
	s.episode.interrupt(ctx, 6)
	return s.Store.Users(ctx, org, after, limit)
}

// vault keeps encrypted copies that are not encrypted.
type vault struct{}

func (vault) Seal(_ context.Context, _ keytext.ID, text string) ([]byte, error) {
	return []byte(text), nil
}

func (vault) Open(_ context.Context, _ keytext.ID, sealed []byte) (string, error) {
	return string(sealed), nil
}

// flaw is a fault of the rules or of the store, for tests of the model. It
// changes what the rules seem to write at the moment of a commit, or shows them
// other records than there are.
type flaw struct {
	write func(*episode, apikey.Change) []apikey.Write
	read  func(*episode, *call, any) any
}
