package wiring

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/bubble"
)

// The hosts of the services on an in-memory network.
const (
	dynamodbHost = "dynamodb.test"
	kmsHost      = "kms.test"
)

// quiet discards its log.
var quiet = slog.New(slog.DiscardHandler)

// recording holds the answers of DynamoDB and KMS to a cold authorizer for one
// decision. It replaces both in tests with exact times.
type recording struct {
	// values are the environment, and event is the authorizer event.
	values map[string]string
	event  []byte

	mu      sync.Mutex
	answers map[string]answered
}

type answered struct {
	status int
	header http.Header
	body   []byte
}

// recorded is the recording that tests share.
var recorded *recording

// record records a cold authorizer that allows the admin key of a real
// deployment.
func record(t *testing.T) *recording {
	t.Helper()
	if recorded != nil {
		return recorded
	}
	values, key := deployment(t)
	r := &recording{values: values, event: tokenEvent(key), answers: map[string]answered{}}
	await.Until(t, "the key is allowed", func() bool {
		a, err := New(lookup(values), quiet)
		if err != nil {
			t.Fatal(err)
		}
		a.clients.HTTP().Transport = r
		a.Prime()
		answer, err := a.Invoke(t.Context(), r.event)
		return err == nil && bytes.Contains(answer, []byte(`"Allow"`))
	})
	recorded = r
	return r
}

// RoundTrip forwards a request to the real services, and records the answer.
func (r *recording) RoundTrip(request *http.Request) (*http.Response, error) {
	asked, err := read(request)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers[asked] = answered{response.StatusCode, response.Header, body}
	return response, err
}

// ServeHTTP answers as the real service did.
func (r *recording) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	asked, err := read(request)
	r.mu.Lock()
	answer, known := r.answers[asked]
	r.mu.Unlock()
	if err != nil || !known {
		w.WriteHeader(http.StatusNotImplemented)
		return
	}
	maps.Copy(w.Header(), answer.header)
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body)
}

// read returns what a request asks for, independent of the order of names in its
// body.
func read(request *http.Request) (string, error) {
	body := []byte("null")
	if request.Body != nil && request.Method == http.MethodPost {
		sent, err := io.ReadAll(request.Body)
		if err != nil {
			return "", err
		}
		request.Body, body = io.NopCloser(bytes.NewReader(sent)), sent
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		return "", err
	}
	sorted, err := json.Marshal(value)
	return strings.Join([]string{request.Method, request.Header.Get("X-Amz-Target"), string(sorted)}, " "), err
}

// authorizer returns a cold authorizer whose services answer as recorded. The
// service of that host has a fault in front, or is missing.
func (r *recording) authorizer(t *testing.T, host string, fault func(http.Handler) http.Handler) *Authorizer {
	t.Helper()
	services := map[string]http.Handler{dynamodbHost: r, kmsHost: r}
	delete(services, host)
	if fault != nil {
		services[host] = fault(r)
	}
	return on(t, quiet, r.values, services)
}

// on returns a cold authorizer on an in-memory network, which ends with the
// bubble.
func on(t *testing.T, log *slog.Logger, values map[string]string, services map[string]http.Handler) *Authorizer {
	t.Helper()
	network, values := bubble.New(t), maps.Clone(values)
	for host, service := range services {
		network.Serve(host, service)
	}
	values["AWS_ENDPOINT_URL_DYNAMODB"], values["AWS_ENDPOINT_URL_KMS"] = "http://"+dynamodbHost, "http://"+kmsHost
	a, err := New(lookup(values), log)
	if err != nil {
		t.Fatal(err)
	}
	network.On(a.clients.HTTP())
	return a
}

// tokenEvent returns an event that asks whether a key may call whoami.
func tokenEvent(key string) []byte {
	const arn = "arn:aws:execute-api:eu-central-1:123456789012:abc/v1/GET/v1/whoami"
	return []byte(`{"type":"TOKEN","authorizationToken":"Bearer ` + key + `","methodArn":"` + arn + `"}`)
}
