// Package clients proves what people use Keyward with, on the real functions: the
// clients in Go and TypeScript, the command line, and the guides.
package clients

import (
	"fmt"
	"os"
	"testing"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

var (
	running *stacktest.Stack
	issuer  *stacktest.Issuer
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if issuer, err = stacktest.NewIssuer(); err != nil {
		return 0, err
	}
	defer issuer.Close()
	environment := issuer.Environment()
	environment[operations.EnvCacheTTL] = "1"
	if running, err = stacktest.Start(stack.Options{Environment: environment}); err != nil {
		return 0, err
	}
	defer running.Stop()
	return running.Run(m), nil
}
