package apikeytest

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

func rotatedKeyReadsBack(s *subject) {
	s.newOrg(acme, 5)
	key := s.stored(acme, "rotated")
	next := s.rotated(key, true)
	s.commit(acme, apikey.ReplaceKey{Before: key, After: next})
	s.equal(s.key(key.ID), next)
	s.equal(s.list(acme), []apikey.Key{next})
	for range apikey.MaxOlder + 1 {
		last := next
		next = s.rotated(last, false)
		s.commit(acme, apikey.ReplaceKey{Before: last, After: next})
	}
	s.equal(s.key(key.ID), next)
	read := s.key(key.ID)
	read.Older[0].Redacted = "changed by the reader"
	s.equal(s.key(key.ID), next)
}

func sealedCopyFollowsSecret(s *subject) {
	s.newOrg(acme, 5)
	key := s.newKey(acme, "recoverable")
	key.Recoverable = true
	s.commit(acme, apikey.CreateKey{Key: key, Sealed: []byte("first")})
	wantCopy := func(want string) {
		s.Helper()
		sealed, err := s.store.Sealed(s.Context(), key.ID)
		s.must(err)
		s.equal(string(sealed), want)
	}
	next := s.rotated(key, false)
	s.commit(acme, apikey.ReplaceKey{Before: key, After: next, Sealed: []byte("second")})
	wantCopy("second")
	s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: key, After: next, Sealed: []byte("late")})
	wantCopy("second")
	named := s.renamed(next, "another name")
	s.commit(acme, apikey.ReplaceKey{Before: next, After: named})
	wantCopy("second")
	s.commit(acme, apikey.DeleteKey{Key: named})
	s.wantKind(apikey.NotFound, errorOf(s.store.Sealed(s.Context(), key.ID)))
}

// rotated returns the key's next version, with another secret.
func (s *subject) rotated(key apikey.Key, awaitsUse bool) apikey.Key {
	after := s.renamed(key, key.Name)
	last := apikey.OlderSecret{
		Generation: key.Generation, Redacted: key.Redacted, Start: key.Start, Digest: key.Digest, CreatedOn: key.CurrentSecretOn(),
		EndsOn: s.clock.Now().Add(time.Hour), AwaitsUse: awaitsUse,
	}
	if awaitsUse {
		last.Overlap = time.Minute
	}
	after.Older = append([]apikey.OlderSecret{last}, key.Older...)
	after.Older = after.Older[:min(len(after.Older), apikey.MaxOlder)]
	after.Generation++
	after.SecretOn, after.Digest.Sum[0], after.Digest.Pepper = s.clock.Now(), key.Digest.Sum[0]+1, key.Digest.Pepper+1
	after.Redacted = "kw_abcdef...123456"
	return after
}
