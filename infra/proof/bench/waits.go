package main

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// files returns a service that the organization registers.
func files() apikey.ServiceDraft {
	return apikey.ServiceDraft{
		Name: "Files", Permissions: []apikey.Permission{{Name: "ManageFiles"}},
		APIs:   []routing.API{{Account: "123456789012", ID: "demo"}},
		Routes: []routing.Route{{Method: "POST", Path: "/v1/files", Permissions: []string{"ManageFiles"}}},
	}
}

// toFiles returns a request to that service.
func toFiles(credential string) []byte {
	return []byte(`{"type":"TOKEN","authorizationToken":"Bearer ` + credential + `",` +
		`"methodArn":"arn:aws:execute-api:us-east-1:123456789012:demo/v1/POST/v1/files"}`)
}

// kindOfKey is a key that may use the service in a particular way.
type kindOfKey struct{ name, text string }

// kindsOfKeys creates a key of each kind.
func (f *fixture) kindsOfKeys(ctx context.Context) ([]kindOfKey, error) {
	grant := permission.NewSet("ManageFiles")
	policy, err := f.rules.CreatePolicy(ctx, f.owner, apikey.PolicyDraft{Name: "Files", Permissions: grant})
	if err != nil {
		return nil, err
	}
	ann, err := f.rules.CreateUser(ctx, f.owner, apikey.UserDraft{Email: "ann@example.com", Name: "Ann", Role: apikey.RoleMember, Permissions: grant})
	if err != nil {
		return nil, err
	}
	ben, err := f.rules.CreateUser(ctx, f.owner, apikey.UserDraft{Email: "ben@example.com", Name: "Ben", Role: apikey.RoleMember, Policy: policy.ID})
	if err != nil {
		return nil, err
	}
	var keys []kindOfKey
	for _, kind := range []struct {
		name  string
		draft apikey.Draft
	}{
		{"service key", apikey.Draft{Permissions: grant}},
		{"key with a policy", apikey.Draft{Policy: policy.ID}},
		{"personal key", apikey.Draft{Type: apikey.TypePersonal, OnBehalfOf: ann.ID}},
		{"personal key, user's policy", apikey.Draft{Type: apikey.TypePersonal, OnBehalfOf: ben.ID}},
		{"shared key", apikey.Draft{Type: apikey.TypeShared, Permissions: grant, OnBehalfOf: ann.ID}},
	} {
		kind.draft.Name = kind.name
		made, err := f.rules.Create(ctx, f.owner, kind.draft)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind.name, err)
		}
		keys = append(keys, kindOfKey{kind.name, made.Text.Reveal()})
	}
	return keys, nil
}

// authorizerCounts returns how often the real binary calls DynamoDB for a
// decision.
func authorizerCounts(ctx context.Context, f *fixture) ([]count, error) {
	c, err := newCounter(f.dynamodb.URL)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	keys, err := f.kindsOfKeys(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := strangerCounts(ctx, f, c, keys[0].text)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		more, err := keyCounts(ctx, f, c, key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key.name, err)
		}
		counts = append(counts, more...)
	}
	return counts, nil
}

// counted starts the authorizer behind a counter.
func (f *fixture) counted(ctx context.Context, c *counter, cacheTTL string) (*instance, error) {
	s := f.authorizer(cacheTTL)
	s.environment = maps.Clone(s.environment)
	s.environment["AWS_ENDPOINT_URL_DYNAMODB"] = c.URL
	i, err := startPrimed(ctx, s)
	c.take()
	return i, err
}

// strangerCounts returns the counts for credentials that belong to nobody.
func strangerCounts(ctx context.Context, f *fixture, c *counter, good string) ([]count, error) {
	i, err := f.counted(ctx, c, "300")
	if err != nil {
		return nil, err
	}
	defer i.stop()
	stranger, err := keytext.Generate("kw", f.rules.Entropy)
	if err != nil {
		return nil, err
	}
	var counts []count
	for n, credential := range []string{good + "x", stranger.Reveal()} {
		if err := i.ask(toFiles(credential), "Unauthorized"); err != nil {
			return nil, err
		}
		counts = append(counts, count{[]string{"malformed credential", "unknown key"}[n], c.take(), n})
	}
	return counts, nil
}

// keyCounts returns the counts for a key at its first use, at the next, and
// after its cached record has expired.
func keyCounts(ctx context.Context, f *fixture, c *counter, key kindOfKey) ([]count, error) {
	i, err := f.counted(ctx, c, "1")
	if err != nil {
		return nil, err
	}
	defer i.stop()
	var counts []count
	for _, stage := range []struct {
		name  string
		after time.Duration
		most  int
	}{{"first", 0, 2}, {"too old", 1100 * time.Millisecond, 1}} {
		time.Sleep(stage.after)
		if err := i.ask(toFiles(key.text), `"Allow"`); err != nil {
			return nil, err
		}
		counts = append(counts, count{key.name + ", " + stage.name, c.take(), stage.most})
	}
	cached, err := f.counted(ctx, c, "300")
	if err != nil {
		return nil, err
	}
	defer cached.stop()
	for range 2 {
		c.take()
		if err := cached.ask(toFiles(key.text), `"Allow"`); err != nil {
			return nil, err
		}
	}
	return append(counts, count{key.name + ", cached", c.take(), 0}), nil
}
