// Package stacktest runs a whole Keyward for tests: the real binaries behind the
// local gateway, started once per test program, and a client that checks every
// exchange against the OpenAPI document.
package stacktest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/checkout"
	"github.com/keyward/keyward/infra/local/stack"
)

// EndpointVariable is the URL of another DynamoDB and KMS, which must be empty.
// If set, stacks use it instead of the local parts. Tests that stop those parts
// cannot use it.
const EndpointVariable = "KEYWARD_TEST_AWS"

// Stack is a running stack with everything that its functions have logged.
type Stack struct {
	*stack.Stack
	log  log
	root string
}

// Main is a TestMain with an issuer and a stack that accepts its tokens. It builds
// the functions, starts both, passes them to use, runs the tests, compares the
// functions' AWS calls with the recording, and stops both. If anything does not
// start, the tests fail with one line.
func Main(m *testing.M, options stack.Options, use func(*Stack, *Issuer) error) {
	os.Exit(run(m, options, false, use))
}

// MainOfAll is [Main] for the tests that make every recorded call: it also checks
// that the recording has no other.
func MainOfAll(m *testing.M, options stack.Options, use func(*Stack, *Issuer) error) {
	os.Exit(run(m, options, true, use))
}

func run(m *testing.M, options stack.Options, all bool, use func(*Stack, *Issuer) error) int {
	issuer, err := NewIssuer()
	if err != nil {
		return failed(err)
	}
	defer issuer.Close()
	environment := issuer.Environment()
	maps.Copy(environment, options.Environment)
	options.Environment = environment
	s, err := Start(options)
	if err != nil {
		return failed(err)
	}
	defer s.Stop()
	if err := use(s, issuer); err != nil {
		return failed(fmt.Errorf("%w\n%s", err, s.Log()))
	}
	return s.run(m, all)
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, "keyward:", err)
	return 1
}

// Start builds the functions and starts a stack. The caller must Stop it.
func Start(options stack.Options) (*Stack, error) {
	root, err := checkout.Root()
	if err != nil {
		return nil, err
	}
	build := exec.Command("make", "--no-print-directory", "build")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("make build: %w\n%s", err, output)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	s := &Stack{root: root}
	options.AWS = os.Getenv(EndpointVariable)
	options.Root, options.Log, options.Progress = root, s.log.add, os.Stderr
	s.Stack, err = stack.Start(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, s.Log())
	}
	return s, nil
}

// Log returns every line that functions and gateway have logged so far.
func (s *Stack) Log() string { return s.log.String() }

// Admin returns a client with the first admin key.
func (s *Stack) Admin() Client {
	return Client{URL: s.URL, Authorization: "Bearer " + s.AdminKey, base: &http.Transport{MaxIdleConnsPerHost: 128}}
}

type log struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (l *log) add(source, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines.WriteString(source + ": " + line + "\n")
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}
