package apigw

import (
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// errFilter reports a filter value that nothing can ever match.
var errFilter = errors.New("nothing passes this filter")

// actorOf parses the id of a key or a user, in the form that records have.
func actorOf(text string) (string, error) {
	id, err := uuid.Parse(text)
	return id.String(), err
}

// nameOf returns a name, which must not be empty.
func nameOf(text string) (string, error) {
	if text == "" {
		return "", errFilter
	}
	return text, nil
}

// serviceOf parses the id of a service.
func serviceOf(text string) (string, error) {
	if !apikey.OrgID(text).Valid() {
		return "", errFilter
	}
	return text, nil
}

// useOf parses whether keys were never used.
func useOf(text string) (apikey.KeyUse, error) {
	never, err := boolOf(text)
	if never {
		return apikey.NeverUsed, err
	}
	return apikey.EverUsed, err
}

// orderOf parses whether an order is descending.
func orderOf(text string) (descending bool, err error) {
	if text != "asc" && text != "desc" {
		return false, errFilter
	}
	return text == "desc", nil
}

// targetOf parses the id or name of the target of a change.
func targetOf(text string) (string, error) {
	target, ok := apikey.AuditTarget(text)
	if !ok {
		return "", errFilter
	}
	return target, nil
}
