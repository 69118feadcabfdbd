package apikeytest

import (
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// usesAddUp: counts are added up, times are replaced but for the first use of a
// secret, and regions and days stay apart.
func usesAddUp(s *subject) {
	key, day := s.id(), s.clock.Now().Truncate(apikey.Day)
	count := func(hour int, permission, code string, n int64) apikey.UseCount {
		return apikey.UseCount{Hour: hour, Permission: permission, Code: code, Requests: n}
	}
	at := func(minutes int) time.Time { return day.Add(time.Duration(minutes) * time.Minute) }
	add := func(u apikey.Uses) { s.Helper(); s.must(s.store.AddUses(s.Context(), u)) }
	rehash := apikey.Rehash{Generation: 2, From: apikey.Digest{Pepper: 1, Sum: [32]byte{1}}, To: apikey.Digest{Pepper: 3, Sum: [32]byte{31: 7}}}
	first := apikey.Uses{
		Key: key, Org: acme, Day: day, Region: "eu-central-1",
		Counts: []apikey.UseCount{count(0, "", "", 2), count(9, "ViewTables", "", 3), count(9, "", "KEY_EXPIRED", 1)},
		LastOn: at(550), LastFrom: netip.MustParseAddr("2001:db8::1"), Secrets: usesOf(at(550), at(10)),
	}
	add(first)
	add(apikey.Uses{
		Key: key, Org: acme, Day: day, Region: "eu-central-1", Counts: []apikey.UseCount{count(9, "ViewTables", "", 4), count(23, "", "SECRET_RETIRED", 1)},
		Secrets: usesOf(at(600)), LastOn: at(600), Rehash: rehash, Retired: apikey.SecretUse{Generation: 1, On: at(1380)}, RetiredFrom: netip.MustParseAddr("192.0.2.1"),
	})
	other := apikey.Uses{Key: key, Org: acme, Day: day, Region: "us-east-1", Counts: []apikey.UseCount{count(1, "", "KEY_DISABLED", 1)}}
	add(other)
	before := other
	before.Day = day.Add(-apikey.Day)
	add(before)

	want := first
	want.Counts = []apikey.UseCount{count(0, "", "", 2), count(9, "ViewTables", "", 7), count(9, "", "KEY_EXPIRED", 1), count(23, "", "SECRET_RETIRED", 1)}
	want.LastOn, want.LastFrom, want.Secrets = at(600), netip.Addr{}, usesOf(at(600), at(10))
	want.Secrets[0].FirstOn = first.Secrets[0].FirstOn
	want.Rehash = rehash
	want.Retired, want.RetiredFrom = apikey.SecretUse{Generation: 1, On: at(1380)}, netip.MustParseAddr("192.0.2.1")
	read := func(from, to time.Time) []apikey.Uses {
		s.Helper()
		got, err := s.store.Uses(s.Context(), key, from, to)
		s.must(err)
		return got
	}
	s.equal(read(day.Add(-apikey.Day), at(5)), []apikey.Uses{before, want, other})
	s.equal(read(at(700), at(700)), []apikey.Uses{want, other})
	s.equal(len(read(day.Add(apikey.Day), day.Add(9*apikey.Day))), 0)
}

// lastUseIsKept: a last use reads back whole, with keys or alone. It is written on
// the condition of its version and, at first, of its key, without an audit record.
// It stays with a tombstone and is gone with the key.
func lastUseIsKept(s *subject) {
	s.newOrg(acme, 5)
	key := s.stored(acme, "key")
	use := apikey.LastUse{
		Key: key.ID, Org: acme, UsedOn: s.clock.Now(), UsedFrom: netip.MustParseAddr("192.0.2.1"),
		Secrets:   usesOf(s.clock.Now(), s.clock.Now().Add(-time.Hour)),
		RetiredOn: s.clock.Now().Add(-time.Minute), Noticed: apikey.Noticed{ExpiresOn: s.clock.Now().Add(time.Hour), Days: 7, UnusedSince: s.clock.Now()}, Version: 1,
	}
	put := func(before, after apikey.LastUse) error {
		return s.store.Commit(s.Context(), apikey.Change{Writes: []apikey.Write{apikey.PutLastUse{Before: before, After: after}}})
	}
	s.must(put(apikey.LastUse{}, use))
	s.wantKind(apikey.Stale, put(apikey.LastUse{}, use))
	found, err := s.store.Read(s.Context(), apikey.KeyRef(key.ID), apikey.LastUseRef(key.ID), apikey.LastUseRef(s.id()), apikey.OrganizationRef(acme))
	s.must(err)
	s.equal(found[apikey.LastUseRef(key.ID)].Record, use)
	s.equal(found[apikey.KeyRef(key.ID)].Record, key)

	unused := use
	unused.UsedOn, unused.UsedFrom, unused.Secrets, unused.Version = time.Time{}, netip.Addr{}, nil, 2
	s.must(put(use, unused))
	s.wantKind(apikey.Stale, put(use, unused))
	found, err = s.store.Read(s.Context(), apikey.LastUseRef(key.ID))
	s.must(err)
	s.equal(found[apikey.LastUseRef(key.ID)].Record, unused)

	gone := s.deleted(key)
	s.commit(acme, apikey.ReplaceKey{Before: key, After: gone})
	found, err = s.store.Read(s.Context(), apikey.LastUseRef(key.ID))
	s.must(err)
	s.equal(found[apikey.LastUseRef(key.ID)].Record, unused)
	s.commit(acme, apikey.DeleteKey{Key: gone})
	s.wantKind(apikey.Stale, put(apikey.LastUse{}, use))
	s.wantKind(apikey.Stale, put(unused, use))
	found, err = s.store.Read(s.Context(), apikey.LastUseRef(key.ID))
	s.must(err)
	_, err = found.LastUse(key.ID)
	s.wantKind(apikey.NotFound, err)
}

// lastUsesAreListed: an organization's used keys are listed in pages, the latest
// use first.
func lastUsesAreListed(s *subject) {
	var want []apikey.LastUse
	s.newOrg(acme, 10)
	s.newOrg("other", 10)
	add := func(org apikey.OrgID, on time.Time) apikey.LastUse {
		use := apikey.LastUse{Key: s.stored(org, on.String()).ID, Org: org, UsedOn: on, Version: 1}
		s.must(s.store.Commit(s.Context(), apikey.Change{Writes: []apikey.Write{apikey.PutLastUse{After: use}}}))
		return use
	}
	for range 5 {
		want = append([]apikey.LastUse{add(acme, s.clock.Advance(time.Second))}, want...)
	}
	add("other", s.clock.Now())
	add(acme, time.Time{})
	var got []apikey.LastUse
	for next := new(apikey.Position); next != nil; {
		part, err := s.store.LastUses(s.Context(), acme, *next, 2)
		s.must(err)
		got, next = append(got, part.Records...), part.Next
	}
	s.equal(got, want)
}

// noticeRoundIsKept: how far the notices have come reads back whole, and is
// written on the condition of its version, without an audit record.
func noticeRoundIsKept(s *subject) {
	read := func() (apikey.NoticeRound, error) {
		found, err := s.store.Read(s.Context(), apikey.NoticeRoundRef())
		s.must(err)
		return found.NoticeRound()
	}
	put := func(round apikey.NoticeRound) error {
		return s.store.Commit(s.Context(), apikey.Change{Writes: []apikey.Write{apikey.PutNoticeRound{Round: round}}})
	}
	s.wantKind(apikey.NotFound, errorOf(read()))
	round := apikey.NoticeRound{FirstOn: s.clock.Now(), Version: 1}
	for range 2 {
		s.must(put(round))
		s.wantKind(apikey.Stale, put(round))
		got, err := read()
		s.must(err)
		s.equal(got, round)
		round.Org, round.After, round.Version = acme, apikey.Position{CreatedOn: s.clock.Now(), ID: s.id()}, 2
	}
}

// usesOf returns uses of the secrets of a key whose current one is the second.
func usesOf(times ...time.Time) (uses []apikey.SecretUse) {
	for i, on := range times {
		from := netip.AddrFrom4([4]byte{192, 0, 2, byte(on.Minute())})
		uses = append(uses, apikey.SecretUse{Generation: 2 - i, On: on, From: from, FirstOn: on.Add(-time.Minute)})
	}
	return uses
}
