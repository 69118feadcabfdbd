package token

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/bubble"
	"github.com/keyward/keyward/shared/apikey"
)

// named is a good token, but for a key id of one's choice.
func (i *issuer) named(id string) string {
	return sign(object{"alg": "ES256", "kid": id}, i.claims(object{"exp": i.now().Unix() + 3600}), signers()["ES256"])
}

// rotate publishes the ES256 key under another id, alone.
func (i *issuer) rotate(id string) {
	i.publish(jose.JSONWebKey{Key: signers()["ES256"].Public(), KeyID: id, Algorithm: "ES256", Use: "sig"})
}

// A key that the issuer begins to use is known at once; one that it withdraws is
// good until the keys are fetched again, and no longer than their age.
func TestRotation(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "first", c, i.named("ES256"))
	i.rotate("new")
	wantSubject(t, "old key, keys kept", c, i.named("ES256"))
	wantSubject(t, "new key", c, i.named("new"))
	wantRefused(t, "old key, keys fetched anew", c, i.named("ES256"))
	if i.fetches() != 2 {
		t.Errorf("%d fetches", i.fetches())
	}
	i.rotate("newer")
	i.step(keysAge - time.Nanosecond)
	wantSubject(t, "withdrawn key, just before their age", c, i.named("new"))
	i.step(time.Nanosecond)
	wantRefused(t, "withdrawn key, at their age", c, i.named("new"))
}

// Made-up key ids make the issuer be asked once in a while and no more. An id
// that was searched for in vain is refused; whether others exist is not known
// until the pause is over, and is called an outage, not a bad token.
func TestUnknownKeyIDs(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "good", c, i.named("ES256"))
	wantRefused(t, "first unknown", c, i.named("a"))
	for n := range 50 {
		wantOutage(t, "in the pause", c, i.named(fmt.Sprint(n)))
		wantRefused(t, "first unknown, again", c, i.named("a"))
		wantSubject(t, "good", c, i.named("ES256"))
	}
	if i.fetches() != 2 {
		t.Errorf("%d fetches", i.fetches())
	}
	i.rotate("b")
	wantOutage(t, "new key in the pause", c, i.named("b"))
	i.step(searchPause)
	wantSubject(t, "new key after the pause", c, i.named("b"))
	wantRefused(t, "first unknown, after another search", c, i.named("a"))
	i.rotate("a")
	i.step(searchPause)
	wantSubject(t, "an id that was absent and is now used", c, i.named("a"))
	if i.fetches() != 4 {
		t.Errorf("%d fetches", i.fetches())
	}
}

// The memory of ids that nobody has is bounded.
func TestAbsentIDsAreBounded(t *testing.T) {
	r := &keyring{}
	for n := range 10 * maxAbsent {
		r.rememberAbsent(fmt.Sprint(n))
		if len(r.absent) > maxAbsent {
			t.Fatalf("%d ids are held", len(r.absent))
		}
	}
}

// While the issuer cannot be asked, a good token is good as long as its key is
// kept, and after that there is no answer: no refusal, and no use of old keys.
// An issuer in trouble is not asked at every request; once it is back, tokens are
// good again.
func TestOutage(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	i.set(func() { i.status = http.StatusServiceUnavailable })
	for range 5 {
		wantOutage(t, "from the start", c, i.good("RS256"))
	}
	if i.discovered != 1 {
		t.Errorf("%d attempts", i.discovered)
	}
	i.set(func() { i.status = http.StatusOK })
	i.step(failurePause)
	wantSubject(t, "back", c, i.named("ES256"))
	i.set(func() { i.status = http.StatusInternalServerError })
	wantOutage(t, "unknown key", c, i.named("other"))
	wantOutage(t, "unknown key, in the pause", c, i.named("other"))
	wantSubject(t, "key is kept", c, i.named("ES256"))
	i.step(keysAge)
	wantOutage(t, "keys too old", c, i.named("ES256"))
	i.set(func() { i.status = http.StatusOK })
	i.step(failurePause)
	wantSubject(t, "back again", c, i.named("ES256"))
}

// A clock that was set back ends what was kept.
func TestClockSetBack(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "good", c, i.named("ES256"))
	i.step(-time.Minute)
	wantSubject(t, "set back", c, i.named("ES256"))
	if i.fetches() != 2 {
		t.Errorf("%d fetches", i.fetches())
	}
}

// Keys whose fetch took long count from its start.
func TestSlowFetch(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	i.set(func() { i.during = func() { i.step(keysAge / 2) } }) // twice: discovery, keys
	wantSubject(t, "slow", c, sign(object{"alg": "ES256", "kid": "ES256"}, i.claims(object{"exp": i.at.Unix() + 7200}), signers()["ES256"]))
	i.set(func() { i.during = nil })
	wantSubject(t, "after", c, i.named("ES256"))
	if i.fetches() != 2 {
		t.Errorf("%d fetches", i.fetches())
	}
}

// Many requests at once make one fetch, and one that gives up fails alone.
func TestOneFlight(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	release, entered := make(chan struct{}), make(chan struct{})
	var once sync.Once
	i.set(func() { i.during = func() { once.Do(func() { close(entered) }); <-release } })
	var group sync.WaitGroup
	impatient, cancel := context.WithCancel(t.Context())
	gaveUp := make(chan error, 1)
	go func() {
		_, err := c.Subject(impatient, i.good("RS256"))
		gaveUp <- err
	}()
	<-entered
	for range 20 {
		group.Go(func() { wantSubject(t, "waiting", c, i.good("RS256")) })
	}
	cancel()
	if err := await.Next(t, "one gives up", gaveUp); apikey.KindOf(err) != apikey.Unavailable {
		t.Errorf("the one that gives up: %v", err)
	}
	close(release)
	group.Wait()
	if i.fetches() != 1 {
		t.Errorf("%d fetches", i.fetches())
	}
}

// An issuer that does not answer takes a bounded part of a decision's time.
func TestHangingIssuer(t *testing.T) {
	defer func(ours time.Duration) { fetchLimit = ours }(fetchLimit)
	fetchLimit = usualLimit
	i := newIssuer(t)
	synctest.Test(t, func(t *testing.T) {
		network := bubble.New(t)
		network.Serve(strings.TrimPrefix(strings.TrimSuffix(i.url, "/tenant"), "http://"), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}))
		c := i.checker()
		c.keys.http = &http.Client{Transport: &http.Transport{}}
		network.On(c.keys.http)
		began := time.Now()
		wantOutage(t, "hanging", c, i.good("RS256"))
		if took := time.Since(began); took != usualLimit {
			t.Errorf("took %v", took)
		}
	})
}
