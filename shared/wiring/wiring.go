// Package wiring turns a function's environment into its handler. It is the only
// package that knows all others. The authorizer must link as little as possible,
// so it has a wiring of its own.
package wiring

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/functions/get-console/web"
	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/console"
	"github.com/keyward/keyward/shared/deadline"
	"github.com/keyward/keyward/shared/docs"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/eventbus"
	"github.com/keyward/keyward/shared/github"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/verify/question"
	"github.com/keyward/keyward/shared/wiring/clients"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// A management call may be slow, but must answer before API Gateway (29 s) or
// the function's own limit (10 s) cuts it off.
const (
	callLimit  = 8 * time.Second
	primeLimit = 3 * time.Second
	// scheduleLimit applies to scheduled and long work. It is below the functions' timeout
	// of 270 s, so that a sweep can still report what is left.
	scheduleLimit = 260 * time.Second
	// streamLimit is for a batch of changes; those functions have a timeout of 60 s.
	streamLimit = 50 * time.Second
)

var attemptLimits = clients.Limits{Attempt: 2 * time.Second, Attempts: 3}

// Operation returns the named operation's handler in the form that lambda.Start
// takes. If the environment is faulty, it logs every fault and ends the process,
// which Lambda reports as a failed initialization.
func Operation(name string) any {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	handler, err := build(name, os.LookupEnv, log)
	if err != nil {
		log.Error("the function cannot start", "operation", name, "faults", err)
		os.Exit(1)
	}
	return handler
}

func build(name string, lookup func(string) (string, bool), log *slog.Logger) (any, error) {
	op, ok := operations.Find(name)
	if !ok {
		return nil, fmt.Errorf("no operation is called %q", name)
	}
	s, err := settings.Read(op, lookup)
	if err != nil {
		return nil, err
	}
	switch {
	case op.Name == operations.Console:
		return console.New(web.Files(), console.SignIn{
			Issuer: s.OIDC.Issuer, Audience: s.OIDC.Audience, ClientID: s.ConsoleClient, TokenEndpoint: s.ConsoleTokens,
		})
	case op.Pages():
		return docs.New()
	}
	api := apigw.API{Rules: rules(s, log), Log: log, GitHub: signatures(s), AuditRecord: dynamo.AuditRecord, Uses: dynamo.Uses}
	if api.Rules != nil {
		api.Questions = question.New(api.Rules)
	}
	if s.EventBus != "" {
		api.Bus = eventbus.New(clients.New(s, attemptLimits).Config(), s.EventBridgeEndpoint, s.EventBus)
	}
	handler, ok := apigw.Find(api, name)
	if !ok {
		return nil, fmt.Errorf("operation %q has no handler", name)
	}
	limit := callLimit
	switch {
	case op.Schedule != "", op.Long:
		limit = scheduleLimit
	case op.Stream != "":
		limit = streamLimit
	}
	switch handler := handler.(type) {
	case apigw.Handler:
		return within(limit, handler), nil
	case apigw.DirectHandler:
		return within(limit, handler), nil
	case apigw.StreamHandler:
		return within(limit, handler), nil
	default:
		return nil, fmt.Errorf("operation %q has a handler of type %T", name, handler)
	}
}

// signatures returns what checks GitHub's signatures; nil for a function that
// checks none.
func signatures(s settings.Settings) apigw.Signatures {
	if s.GitHubKeys == "" {
		return nil
	}
	return github.New(s.GitHubKeys, clients.New(s, attemptLimits).HTTP().Transport, time.Now)
}

// rules returns the rules over the deployment's tables. A function that creates
// keys decrypts the active pepper right away, while Lambda does not yet throttle
// the CPU. A failure then shows at the first request that needs the pepper.
func rules(s settings.Settings, log *slog.Logger) *apikey.Rules {
	if s.Table == "" {
		return nil
	}
	aws := clients.New(s, attemptLimits)
	rules := &apikey.Rules{
		Store:   dynamo.New(aws.DynamoDB(), dynamo.Names{Table: s.Table, Audit: s.AuditTable, Secrets: s.SecretsTable, Usage: s.UsageTable}),
		Now:     time.Now,
		Entropy: rand.Reader,
		NFC:     norm.NFC.String,
	}
	rules.Regions = regions(s, aws)
	if s.SecretsKey != "" {
		rules.Vault = pepper.NewVault(aws.KMS(), s.SecretsKey, string(operations.Copies))
		rules.Outcomes = pepper.NewVault(aws.KMS(), s.SecretsKey, string(operations.Outcomes))
	}
	if s.PepperKey == "" {
		return rules
	}
	ring := pepper.New(pepper.Config{
		KMS: aws.KMS(), Source: rules.Store, KeyID: s.PepperKey, Table: s.Table, MaxAge: s.PepperMaxAge, Now: time.Now,
	})
	rules.Digester, rules.PepperMaker = ring, ring
	if s.PepperMaxAge == 0 { // the function makes peppers, and decrypts none
		return rules
	}
	ctx, cancel := context.WithTimeout(context.Background(), primeLimit)
	defer cancel()
	if err := ring.Prime(ctx); err != nil {
		log.Warn("no pepper is ready yet", "cause", err)
	}
	return rules
}

// regions returns the home and readers of its replicas. The functions that need
// none have none.
func regions(s settings.Settings, aws *clients.Clients) apikey.Regions {
	known := apikey.Regions{Home: cmp.Or(s.HomeRegion, s.Region), CacheTTL: s.CacheTTL, Replicas: map[string]apikey.Reader{}}
	for region, table := range s.Replicas {
		known.Replicas[region] = dynamo.NewReader(aws.DynamoDBIn(region), dynamo.Names{Table: table})
	}
	return known
}

// within limits a handler's time, so that it answers instead of being cut off.
func within[E, R any](limit time.Duration, handler func(context.Context, E) (R, error)) func(context.Context, E) (R, error) {
	return func(ctx context.Context, event E) (R, error) {
		within := deadline.New(ctx, time.Now().Add(limit))
		defer within.Release()
		return handler(within, event)
	}
}
