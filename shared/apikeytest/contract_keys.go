package apikeytest

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

const acme apikey.OrgID = "acme"

func createdKeyReadsBack(s *subject) {
	s.newOrg(acme, 20)
	key := s.stored(acme, "first")
	s.equal(s.key(key.ID), key)
	s.equal(s.list(acme), []apikey.Key{key})

	bare := s.newKey(acme, "bare")
	bare.Description, bare.Permissions = "", nil
	s.commit(acme, apikey.CreateKey{Key: bare})
	s.equal(s.key(bare.ID), bare)
}

func createKeyFails(s *subject) {
	s.newOrg(acme, 2)
	key := s.stored(acme, "first")

	again := s.newKey(acme, "another name")
	again.ID = key.ID
	s.refused(apikey.Stale, acme, apikey.CreateKey{Key: again})
	s.refused(apikey.Stale, "nobody", apikey.CreateKey{Key: s.newKey("nobody", "orphan")})
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: s.newKey(acme, "first")})
	s.stored(acme, "First")
	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: s.newKey(acme, "third")})

	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: s.newKey(acme, "third"), Limit: 1})
	s.commit(acme, apikey.CreateKey{Key: s.newKey(acme, "third"), Limit: 3})
	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: s.newKey(acme, "fourth"), Limit: 3})
	s.equal(s.org(acme).KeyCount, 3)
}

func replacedKeyReadsBack(s *subject) {
	s.newOrg(acme, 20)
	key := s.stored(acme, "first")

	next := s.renamed(key, "renamed")
	next.Description, next.Permissions = "changed", permission.NewSet("Other")
	next.Digest.Pepper++
	next.Digest.Sum[0]++
	s.commit(acme, apikey.ReplaceKey{Before: key, After: next})
	s.equal(s.key(key.ID), next)
	s.equal(s.list(acme), []apikey.Key{next})
}

func replaceKeyFails(s *subject) {
	s.newOrg(acme, 20)
	key, other := s.stored(acme, "first"), s.stored(acme, "other")
	next := s.renamed(key, "next")

	s.refused(apikey.NameTaken, acme, apikey.ReplaceKey{Before: key, After: s.renamed(key, other.Name)})
	s.commit(acme, apikey.ReplaceKey{Before: key, After: next})
	s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: key, After: s.renamed(key, "late")})
	s.commit(acme, apikey.DeleteKey{Key: next})
	s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: next, After: s.renamed(next, "too late")})
	missing := s.newKey(acme, "missing")
	s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: missing, After: s.renamed(missing, "missing")})
}

func nameFollowsKey(s *subject) {
	s.newOrg(acme, 20)
	key := s.stored(acme, "old")
	same := s.renamed(key, "old")
	s.commit(acme, apikey.ReplaceKey{Before: key, After: same})
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: s.newKey(acme, "old")})

	next := s.renamed(same, "new")
	s.commit(acme, apikey.ReplaceKey{Before: same, After: next})
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: s.newKey(acme, "new")})
	heir := s.stored(acme, "old")

	s.commit(acme, apikey.DeleteKey{Key: next})
	s.stored(acme, "new")
	s.refused(apikey.NameTaken, acme, apikey.ReplaceKey{Before: heir, After: s.renamed(heir, "new")})
}

func namelessKeys(s *subject) {
	s.newOrg(acme, 3)
	first, second := s.stored(acme, ""), s.stored(acme, "")
	named := s.renamed(first, "named")
	s.commit(acme, apikey.ReplaceKey{Before: first, After: named})
	s.commit(acme, apikey.ReplaceKey{Before: named, After: s.renamed(named, "")})
	s.stored(acme, "named")
	s.commit(acme, apikey.DeleteKey{Key: second})
	s.stored(acme, "")
}

func deletedKeyIsGone(s *subject) {
	s.newOrg(acme, 1)
	for range 3 {
		key := s.stored(acme, "only")
		s.commit(acme, apikey.DeleteKey{Key: key})
		s.wantKind(apikey.NotFound, errorOf(s.one.Key(s.Context(), key.ID)))
		if left := s.list(acme); len(left) != 0 {
			s.Fatalf("%d keys are still listed", len(left))
		}
	}
}

func deleteKeyFails(s *subject) {
	s.newOrg(acme, 20)
	key := s.stored(acme, "first")
	next := s.renamed(key, "next")
	s.commit(acme, apikey.ReplaceKey{Before: key, After: next})

	s.refused(apikey.Stale, acme, apikey.DeleteKey{Key: key})
	s.refused(apikey.Stale, acme, apikey.DeleteKey{Key: s.newKey(acme, "never made")})
	s.commit(acme, apikey.DeleteKey{Key: next})
	s.refused(apikey.Stale, acme, apikey.DeleteKey{Key: next})
}

func requiredKey(s *subject) {
	s.newOrg(acme, 20)
	caller := s.stored(acme, "caller")
	now := apikey.Require{Ref: apikey.KeyRef(caller.ID), Version: 1}
	before := s.key(caller.ID)
	s.commit(acme, apikey.CreateKey{Key: s.newKey(acme, "made")}, now)
	s.equal(s.key(caller.ID), before)

	next := s.renamed(caller, "caller")
	s.commit(acme, apikey.ReplaceKey{Before: caller, After: next})
	s.refused(apikey.Stale, acme, apikey.CreateKey{Key: s.newKey(acme, "late")}, now)
	s.refused(apikey.Stale, acme, apikey.CreateKey{Key: s.newKey(acme, "late")}, apikey.Require{Ref: apikey.KeyRef(caller.ID)})
	s.commit(acme, apikey.DeleteKey{Key: next})
	s.refused(apikey.Stale, acme, apikey.CreateKey{Key: s.newKey(acme, "late")}, apikey.Require{Ref: apikey.KeyRef(caller.ID), Version: 2})
	s.stored(acme, "late")
}

func firstConditionAnswers(s *subject) {
	s.newOrg(acme, 2)
	key, other := s.stored(acme, "first"), s.stored(acme, "other")
	unmet := apikey.Require{Ref: apikey.KeyRef(s.id()), Version: 1}
	twin := s.newKey(acme, "first")
	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: twin}, unmet)
	s.refused(apikey.Stale, acme, unmet, apikey.CreateKey{Key: twin})
	twin.ID = key.ID
	s.refused(apikey.Stale, acme, apikey.CreateKey{Key: twin})

	s.commit(acme, apikey.DeleteKey{Key: other})
	s.refused(apikey.NameTaken, acme, apikey.CreateKey{Key: s.newKey(acme, "first")}, unmet)
	s.refused(apikey.Stale, acme, apikey.ReplaceKey{Before: other, After: s.renamed(other, "first")})
}
