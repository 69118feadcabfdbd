package cfntest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// Check returns every way in which a template with those settings differs from
// the operation table, or from what holds for every deployment. None means that
// the template says what it should.
func Check(template *Template, settings plan.Settings) []string {
	c := &checker{Template: template, settings: settings, named: map[string]operations.Resource{}}
	c.storage()
	c.functions()
	c.api()
	c.invocation()
	return c.faults
}

type checker struct {
	*Template
	settings plan.Settings
	// named says what the texts in a policy mean, such as "${Table.Arn}".
	named  map[string]operations.Resource
	faults []string
}

func (c *checker) fault(format string, arguments ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, arguments...))
}

// equal faults where got is not want; both are compared as text, since JSON and
// YAML spell one value in several ways.
func (c *checker) equal(what string, got any, want any) {
	if text(got) != text(want) {
		c.fault("%s is %q, want %q", what, text(got), text(want))
	}
}

// region is the region's name, where the settings fix it.
func (c *checker) region() string { return cmp.Or(c.settings.Region, "${AWS::Region}") }

// sameNames faults where the two sets differ, and says by what.
func sameNames[V, W any](c *checker, what string, got map[string]V, want map[string]W) {
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			c.fault("%s: %s is too much", what, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[name]; !ok {
			c.fault("%s: %s is missing", what, name)
		}
	}
}
