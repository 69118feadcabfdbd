// Package stack runs all of Keyward on this machine: the function binaries
// behind a gateway, DynamoDB Local, a KMS emulator, and a demo organization with
// APIs to guard.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/keyward/keyward/infra/local/checkout"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/local/eventbridge"
	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/infra/local/kms"
	"github.com/keyward/keyward/infra/local/lambda"
	"github.com/keyward/keyward/infra/local/roles"
)

// Account and Region are the stack's AWS account and region; ManagementAPI is
// the id of Keyward's own API, and EventBus the bus that gets the events.
const (
	Account       = "123456789012"
	Region        = "us-east-1"
	ManagementAPI = "keyward"
	EventBus      = "default"
)

// Options configure a [Stack]. The zero Options are an in-memory stack on a free
// port, from the module that contains the working directory.
type Options struct {
	// Root is the module's folder; binaries are in dist/local below it.
	Root string
	// Port is the gateway's port on 127.0.0.1; 0 picks a free one.
	Port int
	// DataDir keeps tables, the KMS keys and the admin key across restarts; empty
	// keeps them in memory. It is created if missing. Only one stack at a time can
	// use it.
	DataDir string
	// GatewayTTL is how long the gateway caches an authorizer's answer about the
	// demo APIs. The demo service declares it.
	GatewayTTL time.Duration
	// IdentitySources are the parts of the gateway's cache key besides the
	// Authorization header.
	IdentitySources []gateway.Source
	// AWS is the endpoint of another DynamoDB and KMS, such as moto's server,
	// without tables and keys. If set, it replaces the local parts.
	AWS string
	// Concurrency is how many invocations one process handles; 0 means 1.
	Concurrency int
	// Replica is a region whose replica of the main table is a table of its own,
	// [ReplicaTable], which nothing fills; empty for none.
	Replica string
	// Environment overrides variables of the functions that read them, such as
	// operations.EnvCacheTTL.
	Environment map[string]string
	// Progress receives a line for each step of the start; nil drops them.
	Progress io.Writer
	// Log receives each line that a function writes, and the gateway's under the
	// name "gateway"; nil drops them. Many goroutines call it at once.
	Log func(source, line string)
	// Before is called before each DynamoDB or KMS call of a function, which waits
	// for it; nil does nothing. Many goroutines call it at once.
	Before func(function, action string)
}

// Stack is a running stack. One goroutine at a time may stop and restart its
// parts, to simulate an outage.
type Stack struct {
	// URL is the gateway's URL, without a slash at the end.
	URL string
	// AdminKey is the text of a key that holds every permission of the demo
	// organization.
	AdminKey string
	// Runtime runs the functions.
	Runtime *lambda.Runtime

	options  Options
	dynamodb *dynamodb.Server
	kms      *kms.Server
	events   *eventbridge.Server
	// stopPumps ends the pumps of the tables' streams and waits for them; nil if
	// there are none.
	stopPumps func()
	parts     parts
	// roles is in front of both parts, at rolesURL, and refuses what a function's
	// role does not allow.
	roles    *http.Server
	rolesURL string
	guard    *roles.Guard
	gateway  *http.Server
	// hangUp closes the open WebSockets, which the server does not track.
	hangUp func()
	// lock holds the data folder's lock; nil if there is none.
	lock *os.File
}

// Start starts a stack and returns when it answers. ctx limits only the start;
// [Stack.Stop] ends the stack. Every error is one line for people.
func Start(ctx context.Context, options Options) (*Stack, error) {
	if options.Progress == nil {
		options.Progress = io.Discard
	}
	if options.Log == nil {
		options.Log = func(string, string) {}
	}
	if options.Root == "" {
		root, err := checkout.Root()
		if err != nil {
			return nil, err
		}
		options.Root = root
	}
	s := &Stack{options: options}
	if err := s.start(ctx); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// start begins with what can fail fast: the data folder, the binaries and the
// port.
func (s *Stack) start(ctx context.Context) error {
	if err := s.claimDataDir(); err != nil {
		return err
	}
	functions, err := Functions(s.options.Root, s.options.Concurrency)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.options.Port)))
	if err != nil {
		return fmt.Errorf("port %d is taken: set PORT to another", s.options.Port)
	}
	s.URL = "http://" + listener.Addr().String()
	open, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	s.hangUp = hangUp
	s.gateway = &http.Server{ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return open }}
	defer func() { // the server owns the listener, even if it never served
		if s.gateway.Handler == nil {
			_ = listener.Close()
		}
	}()
	if err := s.startKMS(ctx, 0); err != nil {
		return err
	}
	if s.options.AWS == "" {
		s.progress("starting DynamoDB Local")
	}
	if err := s.startDynamoDB(ctx, 0); err != nil {
		return err
	}
	s.progress("creating the tables")
	if err := s.createTables(ctx); err != nil {
		return err
	}
	if err := s.startEvents(); err != nil {
		return err
	}
	if err := s.startRoles(); err != nil {
		return err
	}
	if s.Runtime, err = StartRuntime(functions, s.Variables(), s.options.Log); err != nil {
		return err
	}
	s.progress("making the organization and its admin key")
	if err := s.bootstrap(ctx); err != nil {
		return err
	}
	s.startPumps()
	s.gateway.Handler = homeRedirect(s.newGateway())
	go func() { _ = s.gateway.Serve(listener) }()
	return nil
}

func (s *Stack) progress(line string) { _, _ = fmt.Fprintln(s.options.Progress, "keyward: "+line) }

// Invoke runs a function directly.
func (s *Stack) Invoke(ctx context.Context, function string, event []byte) ([]byte, error) {
	return s.Runtime.Invoke(ctx, function, event)
}

// Stop ends every process and listener of the stack, and waits for them.
func (s *Stack) Stop() {
	if s.gateway != nil {
		s.hangUp()
		_ = s.gateway.Close()
	}
	if s.stopPumps != nil {
		s.stopPumps()
	}
	if s.Runtime != nil {
		s.Runtime.Stop()
	}
	if s.roles != nil {
		_ = s.roles.Close()
	}
	if s.events != nil {
		s.events.Stop()
	}
	s.StopDynamoDB()
	s.StopKMS()
	if s.lock != nil {
		_ = s.lock.Close()
	}
}

// errNoPart means that the part to restart was never started.
var errNoPart = errors.New("the part has not been started")
