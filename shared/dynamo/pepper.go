package dynamo

import (
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

func pepperItem(pepper apikey.Pepper) item {
	encoded := item{
		"version": number(pepper.Version),
		"state":   text(string(pepper.State)),
		"wrapped": binary(pepper.Wrapped),
	}
	if !pepper.CreatedOn.IsZero() {
		encoded["createdOn"] = moment(pepper.CreatedOn)
	}
	if !pepper.ReplacedOn.IsZero() {
		encoded["replacedOn"] = moment(pepper.ReplacedOn)
	}
	return encoded
}

func decodePepper(encoded item) (apikey.Pepper, error) {
	r := &reader{item: encoded}
	pepper := apikey.Pepper{
		Version: int(r.number("version", 1)),
		State:   apikey.PepperState(r.text("state")),
		Wrapped: r.bytes("wrapped"),
	}
	// Peppers of earlier versions have no times.
	if r.has("createdOn") {
		pepper.CreatedOn = r.moment("createdOn")
	}
	if r.has("replacedOn") {
		pepper.ReplacedOn = r.moment("replacedOn")
	}
	switch pepper.State {
	case apikey.PepperActive, apikey.PepperVerifying, apikey.PepperRetired:
	default:
		r.fail("state", "is not a pepper's")
	}
	if len(pepper.Wrapped) == 0 {
		r.fail("wrapped", "is empty")
	}
	if r.err != nil {
		return apikey.Pepper{}, r.err
	}
	return pepper, nil
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

func taskItem(task apikey.Task) item {
	return item{"org": text(string(task.Org)), "kind": text(string(task.Kind)), "target": text(task.Target)}
}

func decodeTask(encoded item) (apikey.Task, error) {
	r := &reader{item: encoded}
	task := apikey.Task{Org: r.org("org"), Kind: apikey.TaskKind(r.text("kind")), Target: r.text("target")}
	if task.Kind != apikey.TaskDeletePolicy && task.Kind != apikey.TaskWithdraw {
		r.fail("kind", "is not a task's")
	}
	if r.err != nil {
		return apikey.Task{}, r.err
	}
	return task, nil
}

func sealedItem(sealed []byte) item { return item{"sealed": binary(sealed)} }

func decodeSealed(encoded item) ([]byte, error) {
	r := &reader{item: encoded}
	sealed := r.bytes("sealed")
	if len(sealed) == 0 {
		r.fail("sealed", "is empty")
	}
	return sealed, r.err
}
