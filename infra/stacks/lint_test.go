package stacks

import (
	"testing"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/plan"
)

// CloudFormation accepts every stack, for one region and for several: its
// resource types, properties and values match AWS's specification.
func TestStacksLint(t *testing.T) {
	specification, err := cfntest.ReadSpecification("..")
	if err != nil {
		t.Fatal(err)
	}
	for kind, settings := range map[string]plan.Settings{"one": plan.Defaults(), "three": full()} {
		for name, template := range synthesize(t, settings) {
			for _, fault := range specification.Lint(template) {
				t.Errorf("%s, %s: %s", kind, name, fault)
			}
		}
	}
}
