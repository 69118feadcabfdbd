package verify

import (
	"context"
	"fmt"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
)

// retiring is a digester of which one version is retired, and others are unknown.
type retiring struct {
	peppered
	retired, most int
}

func (r retiring) DigestWith(ctx context.Context, version int, message []byte) (apikey.Digest, error) {
	switch {
	case version == r.retired:
		return apikey.Digest{}, apikey.UnavailableError("use pepper", fmt.Errorf("version %d: %w", version, apikey.ErrPepperRetired))
	case version > r.most:
		return apikey.Digest{}, apikey.UnavailableError("use pepper", errDown)
	}
	return r.peppered.DigestWith(ctx, version, message)
}

// A secret under a retired pepper is refused, with a code of its own for the log.
// One under an unknown pepper is a failure and no refusal. The key's other secrets
// work.
func TestRetiredPepper(t *testing.T) {
	for _, test := range []struct {
		peppers []int // of the first, the live older and the current secret
		codes   [3]Code
		failed  [3]bool
	}{
		{[]int{1, 1, 1}, [3]Code{PepperRetired, PepperRetired, PepperRetired}, [3]bool{}},
		{[]int{1, 1, 2}, [3]Code{PepperRetired, PepperRetired, ""}, [3]bool{}},
		{[]int{2, 2, 1}, [3]Code{SecretRetired, "", PepperRetired}, [3]bool{}},
		{[]int{1, 2, 2}, [3]Code{SecretWrong, "", ""}, [3]bool{}},
		{[]int{2, 1, 3}, [3]Code{}, [3]bool{true, true, true}},
		{[]int{2, 3, 1}, [3]Code{"", "", ""}, [3]bool{true, true, true}},
	} {
		w := newWorld()
		texts := rotatedKey(t, w, 2)
		underPeppers(t, w, texts, test.peppers...)
		v := New(Config{Reader: w, Digester: retiring{peppered{w, 0}, 1, 2}, CacheTTL: ttl, Now: w.now})
		for i, key := range texts {
			d, err := v.Decide(t.Context(), bearer(key))
			failed := err != nil && apikey.KindOf(err) == apikey.Unavailable
			if failed != test.failed[i] || err != nil && !failed || !failed && d.Code != test.codes[i] || d.Use.Outdated != nil {
				t.Errorf("peppers %v, secret %d: %q, %v", test.peppers, i+1, d.Code, err)
			}
		}
	}
}

// A key that has left a pepper before it was retired works at once, even where its
// earlier record is cached.
func TestKeyLeftRetiredPepper(t *testing.T) {
	w := newWorld()
	digester := &retiring{peppered{w, 0}, 0, 2}
	v := New(Config{Reader: w, Digester: digester, CacheTTL: MaxCacheTTL, Now: w.now})
	texts := rotatedKey(t, w, 0)
	underPeppers(t, w, texts, 1)
	wantUse(t, decide(t, v, bearer(texts[0])), texts[0], "", 1)
	w.step(MaxCacheTTL / 2)
	underPeppers(t, w, texts, 2)
	digester.retired = 1
	wantUse(t, decide(t, v, bearer(texts[0])), texts[0], "", 1)
}

// A decision says if the used secret is under an older pepper than the active one,
// and nothing if it is under that or a newer one, or if the secret opens nothing.
func TestOutdatedSecrets(t *testing.T) {
	for _, test := range []struct {
		peppers  []int
		active   int
		outdated [3]bool
	}{
		{[]int{1, 1, 1}, 1, [3]bool{}},
		{[]int{1, 1, 1}, 2, [3]bool{false, true, true}},
		{[]int{1, 1, 2}, 2, [3]bool{false, true, false}},
		{[]int{1, 2, 1}, 2, [3]bool{false, false, true}},
		{[]int{2, 2, 2}, 1, [3]bool{}},
	} {
		w := newWorld()
		texts := rotatedKey(t, w, 2)
		underPeppers(t, w, texts, test.peppers...)
		v := New(Config{Reader: w, Digester: peppered{w, 0}, ActivePepper: func() int { return test.active }, CacheTTL: ttl, Now: w.now})
		key := w.keys[texts[0].ID()]
		for i, stored := range []apikey.Digest{{}, key.Older[0].Digest, key.Digest} {
			d := decide(t, v, bearer(texts[i]))
			if (d.Use.Outdated != nil) != test.outdated[i] {
				t.Errorf("peppers %v, active %d, secret %d: %+v", test.peppers, test.active, i+1, d.Use.Outdated)
			} else if o := d.Use.Outdated; o != nil && (o.Digest != stored || o.Text.Reveal() != texts[i].Reveal()) {
				t.Errorf("secret %d is outdated as %v", i+1, o.Digest)
			}
		}
		each(w, func(k *apikey.Key) { k.Disabled = true })
		v = New(Config{Reader: w, Digester: peppered{w, 0}, ActivePepper: func() int { return 9 }, CacheTTL: ttl, Now: w.now})
		if d := decide(t, v, bearer(texts[2])); d.Code != KeyDisabled || d.Use.Outdated != nil {
			t.Errorf("a disabled key: %+v", d)
		}
	}
}
