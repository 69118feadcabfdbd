// Package conformance tests Keyward against the documents of the systems that it
// emulates, one file per document, through the local gateway with the real
// binaries. Each test names the lines of the checklist that it proves.
package conformance

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

//go:generate go test -count=1 -run ^TestReadme$ ./table -update

const (
	// cacheTTL is short, so that changes show soon.
	cacheTTL = time.Second
	// domain is the domain whose subdomains name organizations.
	domain = "example.com"
)

var (
	running *stacktest.Stack
	// before runs before a function's AWS call is forwarded.
	before atomic.Pointer[func(function, action string)]
	// issuer issues the access tokens that the stack accepts.
	issuer *stacktest.Issuer
	// owner is a client with the first admin key. It acts as a person: the
	// organization's OWNER.
	owner stacktest.Client
	// admin is a client with a service key that holds every permission. It acts as
	// itself.
	admin stacktest.Client
)

func TestMain(m *testing.M) {
	options := stack.Options{Environment: map[string]string{operations.EnvCacheTTL: "1", operations.EnvDomain: domain}, Before: beforeCall}
	stacktest.Main(m, options, func(s *stacktest.Stack, i *stacktest.Issuer) (err error) {
		running, issuer, owner = s, i, s.Admin()
		admin, err = s.Service("Administrator")
		return err
	})
}

func beforeCall(function, action string) {
	if do := before.Load(); do != nil {
		(*do)(function, action)
	}
}

// within repeats a request until it gets the status, for at most the time that a
// change may take to be visible everywhere.
func within(t *testing.T, status int, ask func() stacktest.Answer) {
	t.Helper()
	for changed := time.Now(); ; {
		asked := time.Since(changed)
		if answer := ask(); answer.Status == status {
			return
		} else if asked > cacheTTL {
			t.Fatalf("status %d, asked %s after the change, want %d: %s", answer.Status, asked, status, answer.Body)
		}
	}
}

// command calls the demo API's command endpoint with a client's key.
func command(t *testing.T, as stacktest.Client) stacktest.Answer {
	t.Helper()
	return as.Do(t, "POST", "/api", `{"command":"ping","params":{}}`)
}

// upload sends a file to the demo API, which needs ManageFiles.
func upload(t *testing.T, as stacktest.Client) stacktest.Answer {
	t.Helper()
	return as.Do(t, "POST", "/v1/files", "content", "Content-Type", "text/plain")
}
