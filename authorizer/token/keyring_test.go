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

// named returns a good token with another key id.
func (i *issuer) named(id string) string {
	return sign(object{"alg": "ES256", "kid": id}, i.claims(object{"exp": i.now().Unix() + 3600}), signers()["ES256"])
}

// rotate publishes only the ES256 key, under another id.
func (i *issuer) rotate(id string) {
	i.publish(jose.JSONWebKey{Key: signers()["ES256"].Public(), KeyID: id, Algorithm: "ES256", Use: "sig"})
}

// A new key of the issuer is known at most a pause later. A withdrawn one stays
// valid until the next fetch, and no longer than keysAge.
func TestRotation(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "first", c, i.named("ES256"))
	i.step(pause)
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

// A token whose key is not published yet is refused, and good a second after the
// key is published, whatever else was asked for meanwhile.
func TestKeyPublishedLater(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	for _, id := range []string{"a", "b", "c"} {
		wantRefused(t, "before", c, i.named(id))
		i.rotate(id)
		i.step(time.Second)
		wantSubject(t, "after", c, i.named(id))
		i.step(time.Second)
	}
}

// A flood of invented key ids makes the checker ask the issuer at most once a
// second, and delays neither known keys nor new ones.
func TestUnknownKeyIDs(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "good", c, i.named("ES256"))
	const seconds, each = 10, 20
	for n := range seconds * each {
		i.step(time.Second / each)
		wantRefused(t, "unknown", c, i.named(fmt.Sprint(n)))
		wantRefused(t, "unknown, again and again", c, i.named("x"))
		wantSubject(t, "good", c, i.named("ES256"))
	}
	if got := i.fetches(); got > 1+seconds {
		t.Errorf("%d fetches in %d seconds", got, seconds)
	}
	i.rotate("new")
	i.step(time.Second)
	wantRefused(t, "unknown, asks", c, i.named("y"))
	wantSubject(t, "new key, asks nothing", c, i.named("new"))
	if got := i.fetches(); got > 2+seconds {
		t.Errorf("%d fetches in %d seconds", got, seconds+1)
	}
}

// Callers that arrive during a fetch wait for its result, even if it was started
// for another key.
func TestUnknownKeyIDsTogether(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "good", c, i.named("ES256"))
	i.step(pause)
	i.rotate("new")
	release, entered := make(chan struct{}), make(chan struct{})
	var once sync.Once
	i.set(func() { i.during = func() { once.Do(func() { close(entered) }); <-release } })
	var group sync.WaitGroup
	group.Go(func() { wantRefused(t, "the one that asks", c, i.named("x")) })
	<-entered
	for range 20 {
		group.Go(func() { wantSubject(t, "waiting", c, i.named("new")) })
	}
	close(release)
	group.Wait()
	if i.fetches() != 2 {
		t.Errorf("%d fetches", i.fetches())
	}
}

// While the issuer fails, a flood of invented key ids also causes one fetch a
// second. It is then unknown whether an id exists, so the answer is not a
// refusal.
func TestUnknownKeyIDsInAnOutage(t *testing.T) {
	i := newIssuer(t)
	c := i.checker()
	wantSubject(t, "good", c, i.named("ES256"))
	i.step(time.Second)
	i.set(func() { i.status = http.StatusServiceUnavailable })
	for n := range 40 {
		wantOutage(t, "unknown", c, i.named(fmt.Sprint(n)))
		wantSubject(t, "good", c, i.named("ES256"))
		i.step(time.Second / 20)
	}
	if i.discovered > 3 {
		t.Errorf("asked %d times", i.discovered)
	}
}

// While the issuer is down, a good token stays valid as long as its key is
// cached. After that the answer is a failure: no refusal, and no use of old
// keys. The issuer is not asked at every request. Once it is back, tokens are
// valid again.
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
	i.step(pause)
	wantSubject(t, "back", c, i.named("ES256"))
	i.set(func() { i.status = http.StatusInternalServerError })
	wantRefused(t, "unknown key, just asked", c, i.named("other"))
	i.step(pause)
	wantOutage(t, "unknown key", c, i.named("other"))
	wantOutage(t, "unknown key, in the pause", c, i.named("other"))
	wantSubject(t, "key is kept", c, i.named("ES256"))
	i.step(keysAge)
	wantOutage(t, "keys too old", c, i.named("ES256"))
	i.set(func() { i.status = http.StatusOK })
	i.step(pause)
	wantSubject(t, "back again", c, i.named("ES256"))
}

// Setting the clock back ends the validity of the cached keys.
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

// The age of keys counts from the start of their fetch, even a slow one.
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

// Many concurrent requests cause one fetch. A caller that gives up fails alone.
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

// An issuer that does not answer delays a decision only for a limited time.
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
