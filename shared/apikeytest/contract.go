package apikeytest

import (
	"io"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// contract lists everything that a store must do.
var contract = []struct {
	name string
	test func(*subject)
}{
	{"a created key reads back whole", createdKeyReadsBack},
	{"creating a key fails as documented", createKeyFails},
	{"a replaced key reads back whole", replacedKeyReadsBack},
	{"replacing a key fails as documented", replaceKeyFails},
	{"every field of a key reads back", wholeKeyReadsBack},
	{"the secrets of a rotated key read back", rotatedKeyReadsBack},
	{"the encrypted copy changes with the secret", sealedCopyFollowsSecret},
	{"names compare by their claims", namesCompareByClaim},
	{"an encrypted copy follows its key", sealedCopyFollowsKey},
	{"a name follows its key", nameFollowsKey},
	{"keys without a name do not collide", namelessKeys},
	{"a deleted key is gone", deletedKeyIsGone},
	{"a tombstone counts nowhere", tombstonesCountNowhere},
	{"restoring a key fails as documented", restoringFails},
	{"tombstones are due until they are removed", dueIsListed},
	{"a damaged tombstone is deleted", damagedTombstoneIsDeleted},
	{"deleting a key fails as documented", deleteKeyFails},
	{"a required key binds the change", requiredKey},
	{"the first failing condition answers", firstConditionAnswers},
	{"an organization keeps its count", organizationKeepsCount},
	{"an organization's status has its own version", statusHasItsOwnVersion},
	{"records are read together", readTogether},
	{"organizations are kept apart", organizationsApart},
	{"what is missing is not found", missingIsNotFound},
	{"peppers are listed by version", peppersByVersion},
	{"peppers change on the condition of their state", peppersChangeState},
	{"a digest moves on the condition of its pepper, without a record", digestMoves},
	{"a policy reads back whole", policyReadsBack},
	{"writing a policy fails as documented", policyFails},
	{"a name follows its policy", nameFollowsPolicy},
	{"a policy counts its keys", policyCountsItsKeys},
	{"a key comes to a live policy only", policyMustBeLive},
	{"a user reads back whole", userReadsBack},
	{"writing a user fails as documented", userFails},
	{"an address follows its user", addressFollowsUser},
	{"a user counts personal keys", userCountsPersonalKeys},
	{"a user has a quota", userHasQuota},
	{"a deleted user leaves the keys", deletedUserLeavesKeys},
	{"services are found by their APIs", servicesByAPI},
	{"writing a service fails as documented", serviceFails},
	{"a service is the deployment's or an organization's", serviceOfDeployment},
	{"a service can have many APIs", serviceOfAnySize},
	{"requirements bind a change", requirementsBind},
	{"writes and counts of one owner merge", writesMerge},
	{"a change deletes many keys", deletionsInOneChange},
	{"the first failing condition of an owner answers", firstConditionOfOwners},
	{"the outcome of a request reads back whole", outcomesReadBack},
	{"the outcome of a request binds the change", outcomesBind},
	{"tasks are kept until they are finished", tasksAreKept},
	{"the directory lists every organization once, in order", organizationsAreListed},
	{"no change goes without a record", unaudited},
	{"sizes follow what records hold", sizesFollowRecords},
	{"a damaged key is deleted", damagedKeyIsDeleted},
	{"a damaged policy is replaced", damagedPolicyIsReplaced},
	{"damaged users and services are deleted", damagedOwnersAreDeleted},
	{"no count is below zero", countsStayAboveZero},
	{"audit records read back whole", auditReadsBack},
	{"a change committed again applies once", committedAgain},
	{"keys are listed in pages", listedInPages},
	{"keys are filtered", keysAreFiltered},
	{"policies, users and services are listed in pages", ownersListedInPages},
	{"audit records are filtered and paged", auditIsFiltered},
	{"damaged records are left out of lists", damagedAreLeftOut},
	{"any parts of a listing make the whole", anyPartsMakeTheWhole},
	{"names are read together", namesAreRead},
	{"uses add up", usesAddUp},
	{"a last use is kept", lastUseIsKept},
	{"last uses are listed", lastUsesAreListed},
	{"how far the notices have come is kept", noticeRoundIsKept},
	{"what is returned is a copy", returnedIsCopy},
	{"a cancelled call does nothing", cancelledCall},
	{"concurrent creations fill the quota exactly", concurrentCreations},
	{"of concurrent changes one wins", concurrentChanges},
	{"counts do not drift under concurrency", concurrentCounts},
	{"no key slips under a policy that goes", concurrentTombstone},
}

// Subject is a store that can be put into states that no change produces.
type Subject interface {
	apikey.Store
	apikey.UsesAdder
	// Damage makes a record unreadable. An audit record has an
	// [apikey.AuditRef].
	Damage(ref apikey.Ref)
	// ReadAtMost lowers the limit on the bytes that one read of a listing
	// evaluates, approximately.
	ReadAtMost(bytes int)
}

// Contract tests what every store must do, as subtests of t. newStore returns
// an empty store. It is called for each subtest with the subtest's t, where
// cleanups belong.
func Contract(t *testing.T, newStore func(t *testing.T) Subject) {
	for _, test := range contract {
		t.Run(test.name, func(t *testing.T) {
			store := newStore(t)
			seed := rand.Uint64()
			t.Logf("entropy seed %d", seed)
			test.test(&subject{T: t, store: store, one: Lookup{store}, clock: NewClock(), entropy: Entropy(seed)})
		})
	}
}

// subject is a store under test, with what is needed to create its records.
type subject struct {
	*testing.T
	store   Subject
	one     Lookup
	clock   *Clock
	entropy io.Reader
}

// id returns a new id.
func (s *subject) id() uuid.UUID {
	id, err := uuid.New(s.entropy)
	s.must(err)
	return id
}

func (s *subject) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// change returns a change of an organization, a millisecond after the previous
// one.
func (s *subject) change(org apikey.OrgID, writes ...apikey.Write) apikey.Change {
	return apikey.Change{Writes: writes, Audits: []apikey.AuditRecord{{
		ID: s.id(), Org: org, At: s.clock.Advance(time.Millisecond), Action: "test",
		Actor: apikey.Actor{Username: "tester"}, Target: "target",
	}}}
}

// commit applies writes, which must succeed.
func (s *subject) commit(org apikey.OrgID, writes ...apikey.Write) {
	s.Helper()
	s.must(s.store.Commit(s.Context(), s.change(org, writes...)))
}

// refused commits writes, which must fail with that kind and change nothing.
func (s *subject) refused(kind apikey.Kind, org apikey.OrgID, writes ...apikey.Write) {
	s.Helper()
	before := s.snapshot(org)
	s.wantKind(kind, s.store.Commit(s.Context(), s.change(org, writes...)))
	if after := s.snapshot(org); !reflect.DeepEqual(before, after) {
		s.Errorf("a refused change left a trace:\nbefore %+v\nafter  %+v", before, after)
	}
}

func (s *subject) wantKind(kind apikey.Kind, err error) {
	s.Helper()
	if err == nil {
		s.Fatalf("no error, want kind %d", kind)
	}
	if got := apikey.KindOf(err); got != kind {
		s.Fatalf("error of kind %d, want %d: %v", got, kind, err)
	}
}

// errorOf returns the error of a call whose result does not matter.
func errorOf[T any](_ T, err error) error { return err }

// snapshot is everything that can be read of an organization.
type snapshot struct {
	Exists       bool
	Organization apikey.Organization
	Status       apikey.Status
	Keys         []apikey.Key
	Sealed       [][]byte
	Policies     []apikey.Policy
	Users        []apikey.User
	Services     []apikey.Service
	Tasks        []apikey.Task
	Audit        []apikey.AuditRecord
	Peppers      []apikey.Pepper
}

func (s *subject) snapshot(org apikey.OrgID) (seen snapshot) {
	s.Helper()
	var err error
	if seen.Organization, err = s.one.Organization(s.Context(), org); err == nil {
		seen.Exists = true
		seen.Status, err = s.one.Status(s.Context(), org)
		s.must(err)
	} else {
		s.wantKind(apikey.NotFound, err)
	}
	for _, listed := range s.list(org) {
		seen.Keys = append(seen.Keys, s.key(listed.ID))
		if listed.Recoverable {
			sealed, err := s.store.Sealed(s.Context(), listed.ID)
			s.must(err)
			seen.Sealed = append(seen.Sealed, sealed)
		}
	}
	policies, err := s.store.Policies(s.Context(), org, uuid.UUID{}, apikey.MaxPage)
	s.must(err)
	users, err := s.store.Users(s.Context(), org, uuid.UUID{}, apikey.MaxPage)
	s.must(err)
	services, err := s.store.Services(s.Context(), org, "", apikey.MaxPage)
	s.must(err)
	seen.Policies, seen.Users, seen.Services = policies.Records, users.Records, services.Records
	seen.Tasks, _, err = s.store.Unfinished(s.Context())
	s.must(err)
	seen.Audit = AuditLog(s, s.store, org)
	seen.Peppers, err = s.store.Peppers(s.Context())
	s.must(err)
	return seen
}

func (s *subject) key(id uuid.UUID) apikey.Key {
	s.Helper()
	key, err := s.one.Key(s.Context(), id)
	s.must(err)
	return key
}

func (s *subject) list(org apikey.OrgID) []apikey.Key {
	s.Helper()
	keys, err := s.store.Keys(s.Context(), org, apikey.KeyFilter{}, apikey.Position{}, apikey.MaxPage)
	s.must(err)
	if keys.Next != nil || keys.Damaged != nil {
		s.Fatal("the first page of a small listing is not all of it")
	}
	return keys.Records
}

// equal compares a value read with the one stored.
func (s *subject) equal(got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Fatalf("read back:\ngot  %+v\nwant %+v", got, want)
	}
}

// newOrg creates an organization with a quota.
func (s *subject) newOrg(id apikey.OrgID, maxKeys int) apikey.Organization {
	s.Helper()
	org := apikey.Organization{
		ID: id, Name: "The " + string(id), KeyPrefix: "kw", MaxKeys: maxKeys,
		Recoverable: true, NoSelfService: true, MaxKeyLifetime: 36 * time.Hour, Accounts: []string{"123456789012", "210987654321"},
		Declared:  []apikey.Permission{{Name: "ManageFiles", Description: "Manage files", Service: "files"}, {Name: "ViewTables", Service: "tables"}},
		Withdrawn: permission.NewSet("Gone"), Owners: 2,
		CreatedOn: s.clock.Now(), Version: 1,
	}
	s.commit(id, apikey.CreateOrganization{Organization: org})
	return org
}

// newKey returns a key's record without storing it.
func (s *subject) newKey(org apikey.OrgID, name string) apikey.Key {
	key := apikey.Key{
		ID: s.id(), Org: org, Name: name, Claim: name, Type: apikey.TypeService, Description: "für " + name, Permissions: permission.NewSet("ViewTables", "ManageFiles"),
		Redacted: "kw_abcdef...uvwxyz", Start: "kw_abcdefg",
		CreatedBy: apikey.Actor{Username: "api-key-kw_000000...111111", UserID: "someone"},
		CreatedOn: s.clock.Advance(time.Millisecond), Version: 1, Generation: 1,
	}
	key.Digest.Pepper = 3
	_, err := io.ReadFull(s.entropy, key.Digest.Sum[:])
	s.must(err)
	return key
}

// stored creates a key.
func (s *subject) stored(org apikey.OrgID, name string) apikey.Key {
	s.Helper()
	key := s.newKey(org, name)
	s.commit(org, apikey.CreateKey{Key: key})
	return key
}

// renamed returns the key's next version, with another name.
func (s *subject) renamed(key apikey.Key, name string) apikey.Key {
	key.Name, key.Claim = name, name
	key.LastModifiedBy = apikey.Actor{Username: "person@example.com", UserID: "42"}
	key.LastModifiedOn = s.clock.Advance(time.Millisecond)
	key.Version++
	return key
}
