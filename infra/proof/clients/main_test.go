// Package clients proves what people use Keyward with, on the real functions: the
// clients in Go and TypeScript, the command line, and the guides.
package clients

import (
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
	options := stack.Options{Environment: map[string]string{operations.EnvCacheTTL: "1"}}
	stacktest.Main(m, options, func(s *stacktest.Stack, i *stacktest.Issuer) error { running, issuer = s, i; return nil })
}
