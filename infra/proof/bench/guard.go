package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/client/guard"
	"github.com/keyward/keyward/shared/keytext"
)

// guardRows compares a net/http service that a guard protects with the same service
// without one, over loopback HTTP in this process. A cached answer costs the check
// alone. Without one, each request asks a server that answers at once, which is the
// least that a question can take.
func guardRows(ctx context.Context, _ *fixture) ([]row, error) {
	services, key, stop, err := newGuarded()
	if err != nil {
		return nil, err
	}
	defer stop()
	var rows []row
	for _, c := range []struct {
		what    string
		service http.Handler
		most    float64
	}{{"guarded, cached answer", services.cached, 1.5}, {"guarded, asking each time", services.asking, 0}} {
		var walls [3][2][]float64
		ours, theirs, err := overHTTP(ctx, key, [2]http.Handler{c.service, services.plain}, &walls)
		if err != nil {
			return nil, err
		}
		rows = append(rows,
			row{what: "CPU of a request, " + c.what, against: "unguarded", ours: ours, theirs: theirs, unit: "us", most: c.most},
			row{what: "wall time of a request, " + c.what, against: "unguarded", ours: walls[0][0], theirs: walls[0][1], unit: "us"},
			row{what: "p50 of it", against: "unguarded", ours: walls[1][0], theirs: walls[1][1], unit: "us"},
			row{what: "p99 of it", against: "unguarded", ours: walls[2][0], theirs: walls[2][1], unit: "us"})
	}
	checks, floor, err := inTurn(20, func(which int) (float64, error) {
		return perCall(10_000, []func() error{direct(services.cached, key), oneHMAC(key)}[which])
	})
	return append(rows, row{what: "a cached check without HTTP", against: "one HMAC-SHA-256 of the key", ours: checks, theirs: floor, unit: "us"}), err
}

// guarded is one service, guarded in two ways and not at all.
type guarded struct{ plain, cached, asking http.Handler }

func newGuarded() (g guarded, key string, stop func(), err error) {
	made, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		return g, "", nil, err
	}
	keyward := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"valid":true,"keyId":"94d470ba-700e-4034-ad17-4326aa3493a2","orgId":"demo","type":"service","permissions":["ViewTables"],"ttlSeconds":300}`)
	}))
	c, err := client.New(keyward.URL, client.NewSecret(made.Reveal()))
	if err != nil {
		keyward.Close()
		return g, "", nil, err
	}
	g.plain = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	for handler, ttl := range map[*http.Handler]time.Duration{&g.cached: time.Hour, &g.asking: -1} {
		protecting, err := guard.New(c, guard.Config{TTL: ttl})
		if err != nil {
			keyward.Close()
			return g, "", nil, err
		}
		*handler = protecting.Permission("ViewTables")(g.plain)
	}
	return g, made.Reveal(), keyward.Close, nil
}

// overHTTP measures the CPU time of a request to each of two services, client and
// all, and the mean, the median and the 99th percentile of its wall time.
func overHTTP(ctx context.Context, key string, services [2]http.Handler, walls *[3][2][]float64) (ours, theirs []float64, err error) {
	var servers [2]*httptest.Server
	for i, service := range services {
		servers[i] = httptest.NewServer(service)
		defer servers[i].Close()
	}
	return inTurn(20, func(which int) (float64, error) {
		const requests = 500
		cpu := processorTime()
		each, half, tail, err := load(1, requests, func(int) error { return fetch(ctx, servers[which].URL, key) })
		for i, wall := range []float64{each, half, tail} {
			walls[i][which] = append(walls[i][which], wall)
		}
		return microseconds(processorTime()-cpu) / requests, err
	})
}

func fetch(ctx context.Context, url, key string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	return finish(http.DefaultClient.Do(request))
}

// perCall returns the CPU time of one of many calls.
func perCall(times int, call func() error) (float64, error) {
	began := processorTime()
	for range times {
		if err := call(); err != nil {
			return 0, err
		}
	}
	return microseconds(processorTime()-began) / float64(times), nil
}

// direct returns a call of a service without HTTP.
func direct(service http.Handler, key string) func() error {
	request := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: "/"}, RemoteAddr: "192.0.2.1:1", Header: http.Header{"Authorization": {"Bearer " + key}}}
	return func() error {
		w := recorder{http.Header{}, http.StatusOK}
		if service.ServeHTTP(&w, request); w.status != http.StatusOK {
			return fmt.Errorf("the service answers %d", w.status)
		}
		return nil
	}
}

// recorder keeps the status of an answer.
type recorder struct {
	header http.Header
	status int
}

func (r *recorder) Header() http.Header            { return r.header }
func (r *recorder) Write(text []byte) (int, error) { return len(text), nil }
func (r *recorder) WriteHeader(status int)         { r.status = status }

func oneHMAC(key string) func() error {
	secret := make([]byte, sha256.Size)
	return func() error {
		mac := hmac.New(sha256.New, secret)
		_, _ = mac.Write([]byte(key))
		mac.Sum(nil)
		return nil
	}
}
