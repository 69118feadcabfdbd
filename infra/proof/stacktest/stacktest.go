// Package stacktest gives tests a whole Keyward: the real binaries behind the
// local gateway, started once for a test program, and a client that holds every
// exchange against the OpenAPI document.
package stacktest

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/stack"
)

// EndpointVariable has stacks use another DynamoDB and KMS, which are at that URL and
// empty, in the place of the local parts. Tests that stop these cannot use it.
const EndpointVariable = "KEYWARD_TEST_AWS"

// Stack is a running stack, and all that its functions have logged.
type Stack struct {
	*stack.Stack
	log  log
	root string
}

// Main is a TestMain with a stack: it builds the functions, starts the stack,
// hands it to use, runs the tests, compares the functions' calls of AWS with the
// recording, and ends it. A stack that does not start fails the tests with one
// line.
func Main(m *testing.M, options stack.Options, use func(*Stack)) {
	os.Exit(run(m, options, use))
}

func run(m *testing.M, options stack.Options, use func(*Stack)) int {
	s, err := Start(options)
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		return 1
	}
	defer s.Stop()
	use(s)
	return s.run(m, true)
}

// Start builds the functions and starts a stack. The caller must Stop it.
func Start(options stack.Options) (*Stack, error) {
	root, err := stack.FindRoot()
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

// Log is every line that functions and gateway have logged so far.
func (s *Stack) Log() string { return s.log.String() }

// Admin is a client with the first admin key.
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
