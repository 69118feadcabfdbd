package stacks

import (
	"bytes"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
)

// The synthesized roles allow every call that the functions made in the
// end-to-end tests, and otherwise only what the operation table names. This
// holds in every region. There are no wildcards, except X-Ray's with tracing.
func TestRolesAreProved(t *testing.T) {
	traced := three()
	traced.Name, traced.Tracing = "other", true
	for name, settings := range map[string]plan.Settings{"defaults": plan.Defaults(), "three, traced": traced} {
		t.Run(name, func(t *testing.T) {
			templates := read(t, synthesize(t, settings))
			for _, fault := range append(cfntest.CheckStacks(templates, settings), cfntest.ProveStacks(templates, settings, recorded(t))...) {
				t.Error(fault)
			}
		})
	}
}

// The proof of synthesized roles can fail: it finds a role that may use other
// items, or all.
func TestProofFindsInPlainTemplates(t *testing.T) {
	good := synthesize(t, plan.Defaults())
	for _, test := range []struct{ old, new, fault string }{
		{`"dynamodb:LeadingKeys":["ORG#*"]`, `"dynamodb:LeadingKeys":["*"]`, "list-users may dynamodb:Query"},
		{`"Null":{"dynamodb:LeadingKeys":["false"]}`, `"Null":{"dynamodb:LeadingKeys":["true","false"]}`, "map[]: true, want false"},
		{`"dynamodb:Query"`, `"dynamodb:Scan"`, "denies a call that it makes: dynamodb:Query"},
	} {
		bad := map[string][]byte{}
		for name, data := range good {
			bad[name] = bytes.ReplaceAll(data, []byte(test.old), []byte(test.new))
		}
		if faults := strings.Join(cfntest.ProveStacks(read(t, bad), plan.Defaults(), recorded(t)), "\n"); !strings.Contains(faults, test.fault) {
			t.Errorf("%s: the faults do not name %q:\n%.2000s", test.new, test.fault, faults)
		}
	}
}

// recorded returns the calls that the functions made.
func recorded(t *testing.T) []iam.Call {
	t.Helper()
	calls, err := iam.ReadCalls("../iam/testdata/calls.json")
	if err != nil {
		t.Fatal(err)
	}
	return calls
}
