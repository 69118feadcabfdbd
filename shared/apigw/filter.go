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

// actionNames names all actions.
func actionNames() string {
	var names []string
	for _, action := range apikey.Actions {
		names = append(names, string(action))
	}
	return strings.Join(names, ", ")
}
