// Package wiring turns the environment into the Lambda authorizer. It is
// separate from the operations' wiring, so that the authorizer links nothing of
// the management API.
package wiring

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/keyward/keyward/authorizer/gateway"
	"github.com/keyward/keyward/authorizer/metrics"
	"github.com/keyward/keyward/authorizer/token"
	"github.com/keyward/keyward/authorizer/usage"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/pepper"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
	"github.com/keyward/keyward/shared/wiring/clients"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// primeLimit is how long initialization waits for its dependencies; Lambda
// allows ten seconds.
const primeLimit = 3 * time.Second

// attemptLimits fit two attempts into a decision's two seconds.
var attemptLimits = clients.Limits{Attempt: 900 * time.Millisecond, Attempts: 2}

// Authorizer is the Lambda authorizer with its dependencies.
type Authorizer struct {
	*gateway.Handler
	verifier *verify.Verifier
	clients  *clients.Clients
	ring     *pepper.Ring
	log      *slog.Logger
}

// AfterAnswer writes the uses of keys that are due.
func (a *Authorizer) AfterAnswer() { a.Uses.Write(context.Background()) }

// Handler returns the authorizer, primed, in the form that lambda.Start takes. It
// has no moment after an answer, so it writes uses at the beginning of the next
// invocation, for at most [beforeAnswer]. If the environment is faulty, it logs every
// fault and ends the process. API Gateway treats that as a failure, never as an
// allowance.
func Handler() Ahead {
	KeepHeapSmall()
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	a, err := New(os.LookupEnv, log)
	if err != nil {
		log.Error("the authorizer cannot start", "faults", err)
		os.Exit(1)
	}
	a.Prime()
	return Ahead{a}
}

// beforeAnswer is how long an invocation may wait for the uses of earlier ones.
const beforeAnswer = 5 * time.Millisecond

// Ahead is an authorizer that writes uses while it decides.
type Ahead struct{ *Authorizer }

// Invoke answers one event, as [gateway.Handler] does.
func (a Ahead) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), beforeAnswer)
	defer cancel()
	var writes sync.WaitGroup
	writes.Go(func() { a.Uses.Write(within) })
	defer writes.Wait()
	return a.Authorizer.Invoke(ctx, payload)
}

// New returns an authorizer that has done no I/O yet. Its error names every
// fault of the environment.
func New(lookup func(string) (string, bool), log *slog.Logger) (*Authorizer, error) {
	s, err := settings.Read(operations.Authorizer, lookup)
	if err != nil {
		return nil, err
	}
	function, _ := lookup("AWS_LAMBDA_FUNCTION_NAME")
	aws := clients.New(s, attemptLimits)
	names := dynamo.Names{Table: s.Table, Usage: s.UsageTable}
	store := dynamo.NewReader(aws.DynamoDB(), names)
	meter := metrics.New(metricsOut(s), function, time.Now)
	ring := pepper.New(pepper.Config{
		KMS: aws.KMS(), Source: store, KeyID: s.PepperKey, Table: s.Table, MaxAge: s.PepperMaxAge, Now: time.Now, Unwrapped: meter.Unwrapped,
	})
	oauth, err := accessTokens(s, aws, store)
	if err != nil {
		return nil, err
	}
	verifier := verify.New(verify.Config{
		Reader: store, Digester: ring, ActivePepper: ring.Active, OAuth: oauth, CacheTTL: s.CacheTTL, Now: time.Now,
		Builtin: func() []apikey.Service { return []apikey.Service{management(s.ManagementAPI)} }, Domain: s.Domain, Meter: meter,
	})
	handler := gateway.New(verifier, log)
	handler.Meter = meter
	handler.Uses = usage.New(usage.Config{
		Adder: dynamo.NewUsesWriter(aws.DynamoDB(), names), Digester: ring, Region: s.Region, Interval: s.UsageInterval, Now: time.Now, Log: log,
	})
	return &Authorizer{handler, verifier, aws, ring, log}, nil
}

// metricsOut returns the writer for metrics: standard output, which CloudWatch
// reads, or nil.
func metricsOut(s settings.Settings) io.Writer {
	if s.NoMetrics {
		return nil
	}
	return os.Stdout
}

// accessTokens returns how access tokens are checked, or nil if the environment
// names no issuer. The issuer's keys are fetched when the first token comes: a
// deployment that only uses keys must not wait for them.
func accessTokens(s settings.Settings, aws *clients.Clients, users verify.UserReader) (*verify.OAuth, error) {
	if s.OIDC.Issuer == "" {
		return nil, nil
	}
	if !token.ValidIssuer(s.OIDC.Issuer) {
		return nil, fmt.Errorf("%s is %q: want an https URL without a query", operations.EnvOIDCIssuer, s.OIDC.Issuer)
	}
	checker := token.New(token.Config{
		Issuer: s.OIDC.Issuer, Audience: s.OIDC.Audience, Claim: s.OIDC.Claim, VerifiesEmail: s.OIDC.VerifiesEmail, ClientAudience: s.OIDC.ClientAudience,
		HTTP: aws.HTTP(), Now: time.Now,
	})
	return &verify.OAuth{Tokens: checker, Organization: s.OIDC.Organization, Users: users}, nil
}

// Prime does during initialization what the first request would wait for,
// because Lambda does not throttle the CPU then. It decrypts the active pepper.
// Meanwhile it opens the KMS connection that this needs, and builds the routes
// of Keyward's own API. It logs a failure; the first request tries again.
func (a *Authorizer) Prime() {
	ctx, cancel := context.WithTimeout(context.Background(), primeLimit)
	defer cancel()
	var warm sync.WaitGroup
	warm.Go(func() { a.clients.WarmKMS(ctx) })
	warm.Go(a.verifier.Prepare)
	if err := a.ring.Prime(ctx); err != nil {
		a.log.Warn("no pepper is ready yet", "cause", err)
	}
	cancel()
	warm.Wait()
}

// management returns Keyward's own API as a service of all organizations, with
// the routes of the operation table and Keyward's own permissions.
func management(api routing.API) apikey.Service {
	service := apikey.Service{ID: apikey.ReservedService, Name: "Keyward", APIs: []routing.API{api}}
	for _, name := range apikey.OwnPermissions() {
		service.Permissions = append(service.Permissions, apikey.Permission{Name: name})
	}
	for _, op := range operations.All() {
		if op.Public {
			continue
		}
		for _, route := range op.Served() {
			service.Routes = append(service.Routes, routing.Route{Method: route.Method, Path: route.Path, Permissions: route.Permissions})
		}
	}
	return service
}
