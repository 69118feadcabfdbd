package stacks

import (
	"testing"

	"github.com/keyward/keyward/infra/nag"
	"github.com/keyward/keyward/infra/plan"
)

// cdk-nag finds nothing in any stack that is not explained at its resource, and
// every explanation is needed. This holds for one region with the defaults, and
// for three with everything turned on.
func TestStacksPassNag(t *testing.T) {
	for name, settings := range map[string]plan.Settings{"defaults": plan.Defaults(), "everything": full()} {
		out := t.TempDir()
		if _, err := templates(settings, placeholders(t), out, nag.Add); err != nil {
			t.Fatal(err)
		}
		faults, err := nag.Faults(out)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			t.Errorf("%s: %s", name, fault)
		}
	}
}
