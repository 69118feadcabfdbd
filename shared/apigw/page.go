package apigw

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/keyward/keyward/shared/apikey"
)

// The query parameters of a listing.
const (
	limitParameter  = "limit"
	cursorParameter = "cursor"
)

// forceParameter says that a change is wanted in spite of what it takes away:
// permissions from all that holds them, or the last key that can administer keys.
const forceParameter = "force"

var decimal = regexp.MustCompile(`^[1-9][0-9]{0,8}$`)

// pageOf is which page a query asks for: the first, and as long as may be,
// where it does not say. The rules check the limit's range.
func pageOf[P any](query map[string]string, parse func(string) (P, error)) (after P, limit int, err error) {
	limit = apikey.MaxPage
	if text, given := query[limitParameter]; given {
		limit = 0
		if decimal.MatchString(text) {
			limit, _ = strconv.Atoi(text)
		}
	}
	return after, limit, readParameter(query, cursorParameter, "the nextCursor of an earlier page", &after, parse)
}

// readParameter fills into from a parameter, where it is given. What says what
// it must be.
func readParameter[V any](query map[string]string, name, what string, into *V, parse func(string) (V, error)) error {
	text, given := query[name]
	if !given {
		return nil
	}
	value, err := parse(text)
	if err != nil {
		return invalid(name, apikey.FieldValue, name+" is "+what+".")
	}
	*into = value
	return nil
}

var errNotBool = errors.New("neither true nor false")

// readBool is readParameter for true and false, spelt so.
func readBool(query map[string]string, name string) (value bool, err error) {
	err = readParameter(query, name, "true or false", &value, func(text string) (bool, error) {
		if text != "true" && text != "false" {
			return false, errNotBool
		}
		return text == "true", nil
	})
	return value, err
}
