// Package conformance holds Keyward to the documents of the systems that it
// stands in for, one file a document, through the local gateway with the real
// binaries. Each test names the part of the document that it holds.
package conformance

import (
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/local/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

// cacheTTL is short, so that what must take effect within it is soon seen.
const cacheTTL = time.Second

// admin is a client with the first admin key.
var admin stacktest.Client

func TestMain(m *testing.M) {
	options := stack.Options{Environment: map[string]string{operations.EnvCacheTTL: "1"}}
	stacktest.Main(m, options, func(s *stacktest.Stack) { admin = s.Admin() })
}
