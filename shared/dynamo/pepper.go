package dynamo

import (
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

func pepperAttributes(c *codec, pepper *apikey.Pepper) {
	numeric(c, "version", &pepper.Version, 1)
	textOf(c, "state", &pepper.State)
	c.bytes("wrapped", &pepper.Wrapped)
	// Peppers of earlier versions have no times.
	if c.optional(!pepper.CreatedOn.IsZero(), "createdOn") {
		c.moment("createdOn", &pepper.CreatedOn)
	}
	if c.optional(!pepper.ReplacedOn.IsZero(), "replacedOn") {
		c.moment("replacedOn", &pepper.ReplacedOn)
	}
	switch pepper.State {
	case apikey.PepperActive, apikey.PepperVerifying, apikey.PepperRetired:
	default:
		c.fail("state", "is not a pepper's")
	}
	if len(pepper.Wrapped) == 0 {
		c.fail("wrapped", "is empty")
	}
}

// pepperVersion reads the version in a pepper's sort key; 0 if there is none.
func pepperVersion(encoded item) int {
	r := &reader{item: encoded}
	version, err := strconv.Atoi(r.text(schema.SortKey))
	if err != nil {
		return 0
	}
	return version
}

func taskAttributes(c *codec, task *apikey.Task) {
	c.org("org", &task.Org)
	textOf(c, "kind", &task.Kind)
	if task.Kind != apikey.TaskDeletePolicy && task.Kind != apikey.TaskWithdraw {
		c.fail("kind", "is not a task's")
	}
	c.text("target", &task.Target)
}

func sealedAttributes(c *codec, sealed *[]byte) {
	if c.bytes("sealed", sealed); len(*sealed) == 0 {
		c.fail("sealed", "is empty")
	}
}
