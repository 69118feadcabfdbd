package verify

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
)

// rotatedKey stores a key that was rotated several times, a minute after the
// other, with the last of its older secrets still live for a minute. It returns
// the texts of all its secrets, the first one first.
func rotatedKey(t testing.TB, w *world, rotations int) []keytext.Key {
	t.Helper()
	texts := []keytext.Key{w.mint(t, "acme", "ManageFiles")}
	key := w.keys[texts[0].ID()]
	for n := range rotations {
		texts = append(texts, forge(t, texts[0], newKey(t).Secret()))
		old := apikey.OlderSecret{Generation: n + 1, Digest: key.Digest, EndsOn: w.at.Add(time.Duration(n+2-rotations) * time.Minute)}
		key.Older = append([]apikey.OlderSecret{old}, key.Older...)
		key.Older = key.Older[:min(len(key.Older), apikey.MaxOlder)]
		key.Generation = n + 2
		key.Digest, _ = w.sum(texts[n+1])
	}
	w.keys[key.ID] = key
	return texts
}

// withoutPermission returns a use without the permission that opened the route.
func withoutPermission(use Use) Use {
	use.Permission = ""
	return use
}

func wantUse(t *testing.T, d Decision, key keytext.Key, code Code, generation int) {
	t.Helper()
	want := Use{}
	if generation > 0 {
		want = Use{Key: key.ID(), Org: "acme", Generation: generation}
	}
	if d.Code != code || (d.Outcome == Allowed) != (code == "") || withoutPermission(d.Use) != want || code != "" && d.Identity.Org != "" {
		t.Errorf("got %+v, want code %q and generation %d", d, code, generation)
	}
}

// Of a key's secrets, the current one and the live one before it verify, and no
// other: not an ended one, nor one that was forgotten, nor any other text with
// the key's id. The end counts for each request, whether the record is cached or
// not, and the decision says which secret it was.
func TestSecretsOfRotatedKey(t *testing.T) {
	for _, ttl := range []time.Duration{0, MaxCacheTTL} {
		w := newWorld()
		texts := rotatedKey(t, w, 6)
		v := w.verifier(ttl)
		end := w.at.Add(time.Minute)
		for _, at := range []time.Time{w.at, end.Add(-1), end, end.Add(time.Second)} {
			w.at = at
			wantUse(t, decide(t, v, bearer(texts[6])), texts[6], "", 7)
			if at.Before(end) {
				wantUse(t, decide(t, v, bearer(texts[5])), texts[5], "", 6)
			} else {
				wantUse(t, decide(t, v, bearer(texts[5])), texts[5], SecretRetired, 6)
			}
			for _, ended := range []int{2, 3, 4} {
				wantUse(t, decide(t, v, bearer(texts[ended])), texts[5], SecretRetired, ended+1)
			}
			for _, other := range []keytext.Key{texts[0], texts[1], forge(t, texts[0], newKey(t).Secret())} {
				wantUse(t, decide(t, v, bearer(other)), other, SecretWrong, 0)
			}
		}
	}
}

// A key that was never rotated has its first secret, as keys of earlier versions
// have, whose records do not say so.
func TestSecretOfKeyWithoutRotations(t *testing.T) {
	w := newWorld()
	key := w.mint(t, "acme", "ManageFiles")
	wantUse(t, decide(t, w.verifier(0), bearer(key)), key, "", 1)
}

// An older secret gives the key no other state: what stops the key stops all its
// secrets.
func TestOlderSecretOfDeadKey(t *testing.T) {
	w := newWorld()
	texts := rotatedKey(t, w, 1)
	each(w, func(k *apikey.Key) { k.Disabled = true })
	v := w.verifier(0)
	wantUse(t, decide(t, v, bearer(texts[0])), texts[0], KeyDisabled, 1)
	each(w, func(k *apikey.Key) { k.Disabled, k.ExpiresOn = false, w.at })
	wantUse(t, decide(t, v, bearer(texts[0])), texts[0], KeyExpired, 1)
}

// peppered says under which pepper it computes which digest, and fails for one
// of them.
type peppered struct {
	*world
	fails int
}

func (p peppered) DigestWith(ctx context.Context, version int, message []byte) (apikey.Digest, error) {
	got, err := p.world.DigestWith(ctx, version, message)
	if got.Sum[0] ^= byte(version); version == p.fails {
		return apikey.Digest{}, errDown
	}
	return got, err
}

// underPeppers gives each secret of a key a digest under a pepper.
func underPeppers(t *testing.T, w *world, texts []keytext.Key, peppers ...int) {
	t.Helper()
	digest := func(n int) apikey.Digest {
		got, err := w.sum(texts[n])
		if err != nil {
			t.Fatal(err)
		}
		got.Sum[0] ^= byte(peppers[n])
		got.Pepper = peppers[n]
		return got
	}
	key := w.keys[texts[0].ID()]
	for i := range key.Older {
		key.Older[i].Digest = digest(len(texts) - 2 - i)
	}
	key.Digest = digest(len(texts) - 1)
	w.keys[key.ID] = key
}

// Each secret is compared under its own pepper, and each pepper's hash is
// computed at most once: one for the current secret, and no more than there are
// peppers for any other text.
func TestOlderSecretsUnderOlderPeppers(t *testing.T) {
	for _, test := range []struct {
		peppers []int
		hashes  [4]int // for the secrets from the first to the current one, and a wrong one
	}{
		{[]int{1, 1, 1}, [4]int{1, 1, 1, 1}},
		{[]int{1, 1, 2}, [4]int{2, 2, 1, 2}},
		{[]int{2, 1, 2}, [4]int{2, 2, 1, 2}},
		{[]int{1, 2, 3}, [4]int{3, 2, 1, 3}},
	} {
		w := newWorld()
		texts := rotatedKey(t, w, 2)
		underPeppers(t, w, texts, test.peppers...)
		v := New(Config{Reader: w, Digester: peppered{w, 0}, CacheTTL: ttl, Now: w.now})
		decide(t, v, bearer(texts[2]))
		for i, key := range append(texts, forge(t, texts[0], newKey(t).Secret())) {
			w.reads()
			d := decide(t, v, bearer(key))
			if want := []Code{SecretRetired, "", "", SecretWrong}[i]; d.Code != want || w.hmac != test.hashes[i] {
				t.Errorf("peppers %v, secret %d: %q for %d hashes, want %q for %d", test.peppers, i+1, d.Code, w.hmac, want, test.hashes[i])
			}
		}
	}
}

// If the pepper of a live older secret fails, there is no answer about a text
// that is not the current secret. The pepper of an ended secret matters to
// nobody with a good secret.
func TestPepperOfOlderSecretFails(t *testing.T) {
	for _, fails := range []int{1, 2} {
		w := newWorld()
		texts := rotatedKey(t, w, 2)
		underPeppers(t, w, texts, 1, 2, 3)
		v := New(Config{Reader: w, Digester: peppered{w, fails}, CacheTTL: ttl, Now: w.now})
		wantUse(t, decide(t, v, bearer(texts[2])), texts[2], "", 3)
		for _, key := range []keytext.Key{texts[0], forge(t, texts[0], newKey(t).Secret())} {
			d, err := v.Decide(t.Context(), bearer(key))
			if live := fails == 2; live != (apikey.KindOf(err) == apikey.Unavailable && err != nil) || !live && d.Code != SecretWrong {
				t.Errorf("pepper %d fails: %+v, error %v", fails, d, err)
			}
		}
	}
}

// A secret that had ended when its key was last changed is refused, also where
// the clock is behind.
func TestEndedSecretWhereTheClockIsBehind(t *testing.T) {
	w := newWorld()
	texts := rotatedKey(t, w, 1)
	key := w.keys[texts[0].ID()]
	key.LastModifiedOn = key.Older[0].EndsOn
	w.keys[key.ID] = key
	v := w.verifier(0)
	wantUse(t, decide(t, v, bearer(texts[0])), texts[0], SecretRetired, 1)
	wantUse(t, decide(t, v, bearer(texts[1])), texts[1], "", 2)
}

// The current secret of a rotated key costs what a key without rotations costs.
func TestCurrentSecretCostsNoMore(t *testing.T) {
	cost := func(rotations int) (allocations float64, hashes int) {
		w := newWorld()
		texts := rotatedKey(t, w, rotations)
		v, r := w.verifier(MaxCacheTTL), bearer(texts[rotations])
		decide(t, v, r)
		w.reads()
		decide(t, v, r)
		return testing.AllocsPerRun(100, func() { decide(t, v, r) }), w.hmac
	}
	never, once := cost(0)
	if often, hashes := cost(4); often > never || hashes != once {
		t.Errorf("%v allocations and %d hashes for a rotated key, %v and %d without rotations", often, hashes, never, once)
	}
}

// A gateway caches an answer about an older secret no longer than the secret
// lasts.
func TestCachedAnswersEndWithTheSecret(t *testing.T) {
	w := cached()
	texts := rotatedKey(t, w, 1)
	v := w.verifier(0)
	r := bearer(texts[0])
	if d := decide(t, v, r); d.Code != GatewayCached {
		t.Errorf("an answer that counts for a minute is cached about a secret that ends before: %+v", d)
	}
	r.Caching, w.at = CachedForTTL, w.at.Add(20*time.Second)
	if d := decide(t, v, r); d.Outcome != Allowed || d.TTL != 39*time.Second {
		t.Errorf("got %+v, want 39 s", d)
	}
	r = bearer(texts[1])
	if d := decide(t, v, r); d.Outcome != Allowed {
		t.Errorf("the current secret: %+v", d)
	}
}

// What is cached of a rotated key keeps all that its secrets need, next to its
// limits, and no more secrets than are compared.
func TestRecordKeepsSecrets(t *testing.T) {
	key := apikey.Key{Org: "acme", Permissions: permission.NewSet("A"), Services: []string{"files"}, Generation: 7}
	for n := range 9 {
		key.Older = append(key.Older, apikey.OlderSecret{Generation: 6 - n, Digest: apikey.Digest{Pepper: n, Sum: [32]byte{byte(n)}}, EndsOn: time.UnixMilli(int64(n))})
	}
	record := newKeyRecord(key)
	if record.current().generation != 7 || len(record.older()) != apikey.MaxOlder || record.services()[0] != "files" {
		t.Fatalf("cached %+v", record.rare)
	}
	for i, old := range record.older() {
		if want := key.Older[i]; old.generation != want.Generation || old.ends != want.EndsOn.UnixMilli() || old.digest.Pepper != want.Digest.Pepper || old.digest.Sum[0] != byte(i) {
			t.Errorf("cached %+v of %+v", old, want)
		}
	}
}

// A new secret works from the moment in which its key is rotated, even if the
// key's record was read just before. Wrong secrets cost a read for that reason,
// but not more than ten a second for a key, and right ones none.
func TestNewSecretWorksAtOnce(t *testing.T) {
	w := newWorld()
	v := w.verifier(MaxCacheTTL)
	first := w.mint(t, "acme", "ManageFiles")
	decide(t, v, bearer(first))
	w.step(time.Second)
	second := forge(t, first, newKey(t).Secret())
	key := w.keys[first.ID()]
	key.Older = []apikey.OlderSecret{{Generation: 1, Digest: key.Digest, EndsOn: w.at.Add(time.Hour)}}
	key.Generation = 2
	key.Digest, _ = w.sum(second)
	w.keys[key.ID] = key
	w.reads()
	wantUse(t, decide(t, v, bearer(second)), second, "", 2)
	wantUse(t, decide(t, v, bearer(first)), first, "", 1)
	wantReads(t, w, 1, 0)

	wrong := bearer(forge(t, first, newKey(t).Secret()))
	total := 0
	for range 1000 {
		w.step(time.Millisecond)
		wantUse(t, decide(t, v, wrong), first, SecretWrong, 0)
		wantUse(t, decide(t, v, bearer(second)), second, "", 2)
		keys, _ := w.reads()
		total += keys
	}
	if total < 9 || total > 10 {
		t.Errorf("a thousand wrong secrets in a second cost %d reads", total)
	}
}

// While the key cannot be read again, a secret that the cached record does not
// know is not refused: it may be new.
func TestNewSecretDuringAnOutage(t *testing.T) {
	w := newWorld()
	v := w.verifier(MaxCacheTTL)
	key := w.mint(t, "acme", "ManageFiles")
	decide(t, v, bearer(key))
	w.step(time.Millisecond)
	w.down = errDown
	for range 3 {
		if d, err := v.Decide(t.Context(), bearer(forge(t, key, newKey(t).Secret()))); err == nil || apikey.KindOf(err) != apikey.Unavailable {
			t.Errorf("got %+v, error %v", d, err)
		}
		wantUse(t, decide(t, v, bearer(key)), key, "", 1)
		w.step(time.Millisecond)
	}
}

// Among concurrent requests with a new secret, none is refused, though each may
// join a read that another one began.
func TestNewSecretUnderLoad(t *testing.T) {
	w := newWorld()
	v := w.verifier(MaxCacheTTL)
	texts := []keytext.Key{w.mint(t, "acme", "ManageFiles")}
	for round := range 20 {
		decide(t, v, bearer(texts[round]))
		w.step(time.Millisecond)
		next := forge(t, texts[0], newKey(t).Secret())
		digest, _ := w.sum(next)
		w.mu.Lock()
		key := w.keys[next.ID()]
		key.Older = append([]apikey.OlderSecret{{Generation: round + 1, Digest: key.Digest, EndsOn: w.at.Add(time.Hour)}}, key.Older...)
		key.Older = key.Older[:min(len(key.Older), apikey.MaxOlder)]
		key.Generation, key.Digest = round+2, digest
		w.keys[key.ID] = key
		w.mu.Unlock()
		var group sync.WaitGroup
		for n := range 32 {
			text := texts[round]
			if n%2 == 0 {
				text = next
			}
			group.Go(func() {
				w.step(time.Microsecond)
				wantUse(t, decide(t, v, bearer(text)), text, "", round+1+(n+1)%2)
			})
		}
		group.Wait()
		texts = append(texts, next)
		w.step(time.Second)
	}
}
