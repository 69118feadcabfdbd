package apikeytest

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

func (s *subject) org(id apikey.OrgID) apikey.Organization {
	s.Helper()
	org, err := s.one.Organization(s.Context(), id)
	s.must(err)
	return org
}

func organizationKeepsCount(s *subject) {
	org := s.newOrg(acme, 5)
	s.equal(s.org(acme), org)
	s.refused(apikey.Stale, acme, apikey.CreateOrganization{Organization: org})
	s.stored(acme, "one")
	two := s.stored(acme, "two")

	after := org
	after.Name, after.MaxKeys, after.KeyPrefix, after.KeyCount, after.Version = "Renamed", 2, "zz", 77, 2
	after.Declared = nil
	s.commit(acme, apikey.ReplaceOrganization{Before: org, After: after})
	after.KeyCount = 2
	s.equal(s.org(acme), after)

	s.refused(apikey.Stale, acme, apikey.ReplaceOrganization{Before: org, After: after})
	s.refused(apikey.Stale, "nobody", apikey.ReplaceOrganization{Before: apikey.Organization{ID: "nobody"}, After: apikey.Organization{ID: "nobody", Version: 1}})
	s.refused(apikey.QuotaReached, acme, apikey.CreateKey{Key: s.newKey(acme, "three")})
	s.commit(acme, apikey.DeleteKey{Key: two})
	if count := s.org(acme).KeyCount; count != 1 {
		s.Fatalf("the organization counts %d keys, has 1", count)
	}

	counted := org
	counted.ID, counted.KeyCount = "counted", 4
	s.commit("counted", apikey.CreateOrganization{Organization: counted})
	counted.KeyCount = 0
	s.equal(s.org("counted"), counted)
}

// statusHasItsOwnVersion tests that an organization's status is created with it
// and changes separately.
func statusHasItsOwnVersion(s *subject) {
	org := s.newOrg(acme, 5)
	made := apikey.Status{Org: acme, Version: 1}
	s.equal(s.snapshot(acme).Status, made)
	next := apikey.Status{Org: acme, Suspended: true, Representative: s.id(), Version: 2}
	renamed := org
	renamed.Name, renamed.Version = "Renamed", 2
	s.commit(acme, apikey.ReplaceStatus{Before: made, After: next}, apikey.ReplaceOrganization{Before: org, After: renamed})
	s.equal(s.snapshot(acme).Status, next)
	s.equal(s.org(acme), renamed)

	s.refused(apikey.Stale, acme, apikey.ReplaceStatus{Before: made, After: apikey.Status{Org: acme, Version: 2}})
	s.refused(apikey.Stale, acme, apikey.ReplaceStatus{After: apikey.Status{Org: acme, Version: 1}})
	s.refused(apikey.Stale, "nobody", apikey.ReplaceStatus{After: apikey.Status{Org: "nobody", Version: 1}})
	again := next
	again.Suspended, again.Version = false, 3
	s.commit(acme, apikey.ReplaceStatus{Before: next, After: again})
	s.equal(s.snapshot(acme).Status, again)
	s.equal(s.org(acme), renamed)
	s.wantKind(apikey.NotFound, errorOf(s.one.Status(s.Context(), "nobody")))
}

// readTogether tests reading records of every subject at once.
func readTogether(s *subject) {
	org := s.newOrg(acme, 200)
	user, policy, key := s.storedUser("ada"), s.storedPolicy("policy"), s.stored(acme, "key")
	var many []apikey.Ref
	for range 120 {
		many = append(many, apikey.KeyRef(s.id()))
	}
	refs := append(many[:120:120], apikey.KeyRef(key.ID), apikey.OrganizationRef(acme), apikey.StatusRef(acme), apikey.UserRef(acme, user.ID),
		apikey.PolicyRef(acme, policy.ID), apikey.UserRef(acme, user.ID), apikey.PolicyRef("other", policy.ID))
	found, err := s.store.Read(s.Context(), refs...)
	s.must(err)
	s.equal(len(found), len(refs)-1)
	for _, ref := range append(many, apikey.PolicyRef("other", policy.ID)) {
		s.wantKind(apikey.NotFound, found[ref].Err)
	}
	org.KeyCount = 1
	got := []any{}
	for _, ref := range refs[120:125] {
		s.must(found[ref].Err)
		got = append(got, found[ref].Record)
	}
	s.equal(got, []any{key, org, apikey.Status{Org: acme, Version: 1}, user, policy})
	found, err = s.store.Read(s.Context())
	s.must(err)
	s.equal(len(found), 0)
}

func organizationsApart(s *subject) {
	s.newOrg(acme, 1)
	s.newOrg("acme-2", 1)
	own := s.stored(acme, "shared name")
	foreign := s.stored("acme-2", "shared name")
	s.equal(s.list(acme), []apikey.Key{own})
	s.equal(s.list("acme-2"), []apikey.Key{foreign})
	s.equal(len(s.snapshot(acme).Audit), 2)
	s.commit(acme, apikey.DeleteKey{Key: own})
	s.equal(s.list("acme-2"), []apikey.Key{foreign})
	s.refused(apikey.QuotaReached, "acme-2", apikey.CreateKey{Key: s.newKey("acme-2", "more")})
}

func missingIsNotFound(s *subject) {
	s.wantKind(apikey.NotFound, errorOf(s.one.Key(s.Context(), s.id())))
	s.wantKind(apikey.NotFound, errorOf(s.one.Organization(s.Context(), "nobody")))
	s.wantKind(apikey.NotFound, errorOf(s.one.Service(s.Context(), routing.API{Account: "123456789012", ID: "none"})))
	s.equal(s.list("nobody"), []apikey.Key(nil))
	peppers, err := s.store.Peppers(s.Context())
	s.must(err)
	s.equal(peppers, []apikey.Pepper(nil))
}

func peppersByVersion(s *subject) {
	pepper := func(version int, state apikey.PepperState) apikey.Pepper {
		return apikey.Pepper{Version: version, State: state, Wrapped: []byte{0, byte(version), 255}}
	}
	second, tenth, first := pepper(2, apikey.PepperVerifying), pepper(10, apikey.PepperActive), pepper(1, apikey.PepperRetired)
	for _, p := range []apikey.Pepper{second, tenth, first} {
		s.commit(acme, apikey.CreatePepper{Pepper: p})
	}
	s.refused(apikey.Stale, acme, apikey.CreatePepper{Pepper: pepper(2, apikey.PepperActive)})
	peppers, err := s.store.Peppers(s.Context())
	s.must(err)
	s.equal(peppers, []apikey.Pepper{first, second, tenth})
}

func auditReadsBack(s *subject) {
	s.newOrg(acme, 20)
	full := s.change(acme, apikey.CreateKey{Key: s.newKey(acme, "first")})
	record := &full.Audits[0]
	record.Source, record.UserAgent, record.RequestID = netip.MustParseAddr("2001:db8::1"), "curl/8", "req-1"
	record.Key, record.Before = s.id(), map[string]string{}
	record.After = map[string]string{"name": "first", "description": "ünï", "permissions": "A,B"}
	record.Removed, record.Added = map[string]string{"services": "files"}, map[string]string{"services": "mail,[7 more]"}
	s.must(s.store.Commit(s.Context(), full))
	bare := s.change(acme, apikey.CreateKey{Key: s.newKey(acme, "second")})
	s.must(s.store.Commit(s.Context(), bare))

	records := AuditLog(s, s.store, acme)
	s.equal(len(records), 3)
	s.equal(records[1:], []apikey.AuditRecord{full.Audits[0], bare.Audits[0]})
}

// sizesFollowRecords tests the sizes by which the rules limit records: at least
// the size of all texts, and not many times that.
func sizesFollowRecords(s *subject) {
	var names []string
	for i := range 1000 {
		names = append(names, fmt.Sprintf("Permission.%04d", i))
	}
	texts := len(names) * len(names[0])
	declared := make([]apikey.Permission, len(names))
	routes := make([]routing.Route, len(names))
	for i, name := range names {
		declared[i], routes[i].Permissions = apikey.Permission{Name: name}, []string{name}
	}
	for _, pair := range [][2]any{
		{apikey.Key{}, apikey.Key{Permissions: names}}, {apikey.Policy{}, apikey.Policy{Permissions: names}},
		{apikey.User{}, apikey.User{Permissions: names}}, {apikey.Organization{}, apikey.Organization{Withdrawn: names}},
		{apikey.Organization{}, apikey.Organization{Declared: declared}}, {apikey.Service{}, apikey.Service{Routes: routes}},
	} {
		empty, full := s.store.Size(pair[0]), s.store.Size(pair[1])
		if grown := full - empty; empty > 1000 || grown < texts || grown > 5*texts {
			s.Errorf("%T takes %d bytes, and with %d bytes of text %d more", pair[0], empty, texts, grown)
		}
	}
}

func committedAgain(s *subject) {
	s.newOrg(acme, 2)
	key := s.newKey(acme, "first")
	next := s.renamed(key, "next")
	for _, change := range []apikey.Change{
		s.change(acme, apikey.CreateKey{Key: key}),
		s.change(acme, apikey.ReplaceKey{Before: key, After: next}),
		s.change(acme, apikey.DeleteKey{Key: next}),
		s.change("other", apikey.CreateOrganization{Organization: apikey.Organization{ID: "other", CreatedOn: s.clock.Now(), Version: 1}}),
		s.change(acme, apikey.CreatePepper{Pepper: apikey.Pepper{Version: 1, State: apikey.PepperActive, Wrapped: []byte{1}}}),
	} {
		s.must(s.store.Commit(s.Context(), change))
		before := s.snapshot(change.Audits[0].Org)
		for range 3 {
			s.must(s.store.Commit(s.Context(), change))
		}
		s.equal(s.snapshot(change.Audits[0].Org), before)
	}
}

func cancelledCall(s *subject) {
	s.newOrg(acme, 2)
	before := s.snapshot(acme)
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	s.wantKind(apikey.Unavailable, s.store.Commit(ctx, s.change(acme, apikey.CreateKey{Key: s.newKey(acme, "late")})))
	s.wantKind(apikey.Unavailable, errorOf(s.one.Key(ctx, s.id())))
	s.wantKind(apikey.Unavailable, errorOf(s.store.Keys(ctx, acme, apikey.KeyFilter{}, apikey.Position{}, 1)))
	s.equal(s.snapshot(acme), before)
}

func returnedIsCopy(s *subject) {
	s.newOrg(acme, 20)
	key := s.newKey(acme, "first")
	given := clone(key)
	s.commit(acme, apikey.CreateKey{Key: given})
	given.Permissions[0] = "Changed"
	s.key(key.ID).Permissions[0] = "Changed"
	s.list(acme)[0].Permissions[0] = "Changed"
	s.equal(s.key(key.ID), key)

	s.org(acme).Declared[0].Name = "Changed"
	s.equal(s.org(acme).Declared[0].Name, "ManageFiles")

	s.commit(acme, apikey.CreatePepper{Pepper: apikey.Pepper{Version: 1, State: apikey.PepperActive, Wrapped: []byte{1}}})
	for range 2 {
		peppers, err := s.store.Peppers(s.Context())
		s.must(err)
		s.equal(peppers[0].Wrapped, []byte{1})
		peppers[0].Wrapped[0] = 9
	}
}
