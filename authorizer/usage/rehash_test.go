package usage

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/verify"
)

// digester hashes under a version, and counts.
type digester struct {
	active, calls int
	down          error
}

func (d *digester) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	return d.DigestWith(ctx, d.active, message)
}

func (d *digester) DigestWith(_ context.Context, version int, message []byte) (apikey.Digest, error) {
	d.calls++
	return apikey.Digest{Pepper: version, Sum: [32]byte{byte(len(message))}}, d.down
}

// outdatedUseOf returns the use of a secret whose digest is under version 1.
func outdatedUseOf(t *testing.T) verify.Use {
	t.Helper()
	text, err := keytext.Generate("kw", strings.NewReader(strings.Repeat("CANARY", 20)))
	if err != nil {
		t.Fatal(err)
	}
	use := keyed(1)
	use.Generation, use.Outdated = 3, &verify.Outdated{Text: text, Digest: apikey.Digest{Pepper: 1, Sum: [32]byte{9}}}
	return use
}

// The write of a key whose used secret is under an older pepper proposes its digest
// under the active one. That costs counting no hash, and one hash for a write, which
// comes no more often than others.
func TestOutdatedSecretIsProposed(t *testing.T) {
	c, w := counting()
	d := &digester{active: 2}
	c.config.Digester = d
	use := outdatedUseOf(t)
	for range 50 {
		w.allow(c, use, "View")
	}
	if d.calls != 0 {
		t.Errorf("counting computed %d hashes", d.calls)
	}
	got := w.writes(t, c)
	if len(got) != 1 || d.calls != 1 || got[0].Rehash.Generation != 3 || got[0].Rehash.From != use.Outdated.Digest || got[0].Rehash.To.Pepper != 2 {
		t.Fatalf("wrote %+v after %d hashes", got, d.calls)
	}
	w.allow(c, use, "View")
	if got := w.writes(t, c); got != nil {
		t.Errorf("wrote %+v too soon", got)
	}
	use.Outdated = nil
	w.at = w.at.Add(c.config.Interval)
	if got := w.writes(t, c); len(got) != 1 || got[0].Rehash.To.Pepper != 2 {
		t.Errorf("wrote %+v", got)
	}
	w.allow(c, use, "View")
	w.at = w.at.Add(c.config.Interval)
	if got := w.writes(t, c); len(got) != 1 || got[0].Rehash != (apikey.Rehash{}) {
		t.Errorf("wrote %+v of a secret that is not outdated", got)
	}
	w.at = w.at.Add(c.config.Interval)
	if w.writes(t, c); c.weight != 0 {
		t.Errorf("%d bytes are left", c.weight)
	}
}

// Without the active pepper, or if it is no newer, uses are written without a
// proposal. If the write fails, the next use proposes again. Nothing that is logged
// or printed shows the text of the key.
func TestProposalsThatCannotBeMade(t *testing.T) {
	c, w := counting()
	d := &digester{active: 2, down: errors.New("no pepper")}
	c.config.Digester = d
	use := outdatedUseOf(t)
	w.allow(c, use, "View")
	if text := fmt.Sprintf("%v %+v %#v", c.tallies[use.Key].rare.outdated, c.tallies[use.Key], *c.tallies[use.Key].rare.outdated); strings.Contains(text, use.Outdated.Text.Reveal()[25:60]) {
		t.Error("the text of the key is printed")
	}
	if got := w.writes(t, c); len(got) != 1 || len(got[0].Counts) != 1 || got[0].Rehash != (apikey.Rehash{}) {
		t.Errorf("wrote %+v", got)
	}
	d.down, d.active = nil, 1
	w.at = w.at.Add(c.config.Interval)
	w.allow(c, use, "View")
	if got := w.writes(t, c); len(got) != 1 || got[0].Rehash != (apikey.Rehash{}) {
		t.Errorf("wrote %+v", got)
	}
	d.active = 2
	w.at = w.at.Add(c.config.Interval)
	w.allow(c, use, "View")
	w.fails = func(apikey.Uses) error { return apikey.UnavailableError("add uses", errors.New("down")) }
	w.writes(t, c)
	w.fails = nil
	w.allow(c, use, "View")
	w.at = w.at.Add(retryAfter)
	if got := w.writes(t, c); len(got) != 1 || got[0].Rehash.To.Pepper != 2 || got[0].Counts[0].Requests != 2 {
		t.Errorf("wrote %+v", got)
	}
	if strings.Contains(w.log.String(), "CANARY") {
		t.Error("the log shows the text")
	}
	c.config.Digester = nil
	w.at = w.at.Add(c.config.Interval)
	w.allow(c, use, "View")
	if c.tallies[use.Key].rare != nil {
		t.Error("the text is kept for nothing")
	}
}
