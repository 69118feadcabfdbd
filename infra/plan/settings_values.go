package plan

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
)

// GuardedAPI is a foreign API that may call the authorizer.
type GuardedAPI struct {
	// Account is the API's 12-digit account: the deployment's own or another.
	Account string
	// Region is one of the deployment's regions. It is empty if there is only one.
	Region string
	// API is its id, such as "abc123" in abc123.execute-api.REGION.amazonaws.com.
	API string
	// Kind is "rest", "http", "websocket" or "appsync".
	Kind string
}

// assign stores a value from JSON, where every number is a float64.
func assign(field, value any) error {
	switch field := field.(type) {
	case *string:
		return assignAs(field, "want a string", value)
	case *bool:
		return assignAs(field, "want true or false", value)
	case *int:
		if number, ok := value.(float64); ok && number == math.Trunc(number) && math.Abs(number) <= math.MaxInt32 {
			*field = int(number)
			return nil
		}
		return notA("want a whole number", value)
	case *[]string:
		return assignTexts(field, value)
	case *map[string]string:
		return assignTextsByName(field, value)
	case *[]GuardedAPI:
		return assignAPIs(field, value)
	}
	panic(fmt.Sprintf("plan: a setting of type %T", field))
}

func assignAs[T any](field *T, want string, value any) error {
	wanted, ok := value.(T)
	if !ok {
		return notA(want, value)
	}
	*field = wanted
	return nil
}

// notA returns an error that says what a value should be, and shows it as the
// file does.
func notA(want string, value any) error {
	shown, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", want, err)
	}
	return fmt.Errorf("%s, not %s", want, shown)
}

func assignTexts(field *[]string, value any) error {
	items, ok := value.([]any)
	for _, item := range items {
		text, isText := item.(string)
		ok = ok && isText
		*field = append(*field, text)
	}
	if !ok {
		return notA("want a list of strings", value)
	}
	return nil
}

func assignTextsByName(field *map[string]string, value any) error {
	members, ok := value.(map[string]any)
	*field = map[string]string{}
	for name, member := range members {
		text, isText := member.(string)
		ok = ok && isText
		(*field)[name] = text
	}
	if !ok {
		return notA("want an object with strings", value)
	}
	return nil
}

func assignAPIs(field *[]GuardedAPI, value any) error {
	items, ok := value.([]any)
	if !ok {
		return notA("want a list", value)
	}
	var faults []error
	for i, item := range items {
		var members map[string]string
		err := assignTextsByName(&members, item)
		api := GuardedAPI{members["account"], members["region"], members["api"], members["kind"]}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if !slices.Contains([]string{"account", "region", "api", "kind"}, name) {
				err = errors.Join(err, fmt.Errorf("there is no such member: %s", name))
			}
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("%d: %w", i+1, err))
		}
		*field = append(*field, api)
	}
	return errors.Join(faults...)
}
