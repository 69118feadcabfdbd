package cfntest

import (
	"fmt"
	"maps"
	"slices"

	"github.com/keyward/keyward/infra/plan"
)

// Check compares a template of a whole deployment with the operation table,
// those settings, and the rules for every deployment. It returns every
// difference; none means that the template is correct.
func Check(template *Template, settings plan.Settings) []string {
	c := whole(template, settings)
	c.region()
	return c.faults
}

// whole returns a checker of a template that contains everything. It has checked
// the keys and the tables.
func whole(template *Template, settings plan.Settings) *checker {
	c := &checker{Template: template, settings: settings}
	keys := c.keys("AWS::KMS::Key")
	c.names = localNames(settings.Name, keys, c.tables(map[string]string{"${AWS::Region}": keys["tables"]}))
	return c
}

// CheckStacks does what Check does, for a deployment of several stacks by their names.
func CheckStacks(templates map[string]*Template, settings plan.Settings) (faults []string) {
	n := outer{settings}
	checks := map[string]func(*checker){settings.KeysStack(): func(c *checker) { c.keys("AWS::KMS::Key") }}
	if !settings.NeedsKeyIDs() {
		checks[settings.GlobalStack()] = func(c *checker) { c.tables(n.replicas()) }
		for i, region := range settings.Places() {
			if i > 0 {
				checks[settings.ReplicaKeysStack(region)] = func(c *checker) { c.replicaKeys(n) }
			}
			checks[settings.RegionalStack(region)] = func(c *checker) {
				c.names = stackNames(n, region)
				c.region()
				c.domains(n, region)
			}
		}
	}
	all := &checker{}
	sameNames(all, "stacks", templates, checks)
	faults = all.faults
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		c := &checker{Template: templates[name], settings: settings}
		if check, ok := checks[name]; ok {
			check(c)
		}
		for _, fault := range c.faults {
			faults = append(faults, name+": "+fault)
		}
	}
	return faults
}

// region checks what every region has.
func (c *checker) region() {
	c.functions()
	c.api()
	c.invocation()
	c.streams()
}

type checker struct {
	*Template
	settings plan.Settings
	names    names
	faults   []string
}

func (c *checker) fault(format string, arguments ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, arguments...))
}

// equal reports a fault if got differs from want. It compares both as text,
// because JSON and YAML can write a value in several ways.
func (c *checker) equal(what string, got any, want any) {
	if text(got) != text(want) {
		c.fault("%s is %q, want %q", what, text(got), text(want))
	}
}

// sameNames reports a fault, with the differences, if the two sets differ.
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
