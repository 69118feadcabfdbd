package apigw

import (
	"errors"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// errFilter is a value that a filter cannot have: nothing would ever pass it.
var errFilter = errors.New("nothing passes this filter")

// anActor is what the filters for who did something must be.
const anActor = "the id of a user or of an API key, such as 22ba1c3a-8b16-476a-b845-520bd2d51786"

// actorOf reads the id of a key or a user, as records have it.
func actorOf(text string) (string, error) {
	id, err := keytext.ParseID(text)
	return id.String(), err
}

// nameOf reads a name, which is not empty.
func nameOf(text string) (string, error) {
	if text == "" {
		return "", errFilter
	}
	return text, nil
}

// targetOf reads what can be the target of a change.
func targetOf(text string) (string, error) {
	target, ok := apikey.AuditTarget(text)
	if !ok {
		return "", errFilter
	}
	return target, nil
}

// actionOf reads one of [apikey.Actions].
func actionOf(text string) (apikey.Action, error) {
	if action := apikey.Action(text); slices.Contains(apikey.Actions, action) {
		return action, nil
	}
	return "", errFilter
}

// anAction names all actions.
func anAction() string {
	var names []string
	for _, action := range apikey.Actions {
		names = append(names, string(action))
	}
	return "one of " + strings.Join(names, ", ")
}
