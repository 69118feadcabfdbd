package apigw

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/uuid"
)

// Parameter is an optional query parameter, as the OpenAPI document shows it.
type Parameter struct {
	Name, Description string
	Values
}

// Values describes the values that a parameter takes.
type Values struct {
	// Schema is a JSON Schema, in the order of the document.
	Schema []Keyword
	// Empty means that the parameter may have no value.
	Empty bool
}

// Keyword is a JSON Schema keyword, such as "type", and its value.
type Keyword struct {
	Name  string
	Value any
}

// kind describes a kind of values in the document, and parses them.
type kind[V any] struct {
	Values
	// want completes the sentence of an error, "NAME must be ...".
	want  string
	parse func(text string) (V, error)
}

// named returns a parameter of that name that takes these values.
func (k kind[V]) named(name, description string) Parameter {
	return Parameter{name, description, k.Values}
}

// read parses the named parameter into into, if it is given.
func (k kind[V]) read(query map[string]string, name string, into *V) error {
	text, given := query[name]
	if !given {
		return nil
	}
	value, err := k.parse(text)
	if err != nil {
		return invalid(name, apikey.FieldValue, name+" must be "+k.want+".")
	}
	*into = value
	return nil
}

// text describes string values, optionally with more keywords.
func text(more ...Keyword) Values {
	return Values{Schema: append([]Keyword{{"type", "string"}}, more...)}
}

// The kinds of values.
var (
	aTime   = kind[time.Time]{text(Keyword{"format", "date-time"}), "an RFC 3339 time from 1970 to 9999, such as 2030-01-02T15:04:05Z", canonical.ParseTime}
	anActor = kind[string]{text(Keyword{"format", "uuid"}), "the id of a user or of an API key, such as 22ba1c3a-8b16-476a-b845-520bd2d51786", actorOf}
	aName   = kind[string]{text(Keyword{"minLength", 1}), "the name of an API key", nameOf}
	aTarget = kind[string]{text(Keyword{"minLength", 1}), "an id, or the name of a service, an organization or permissions", targetOf}
	aText   = kind[string]{text(Keyword{"minLength", 1}), "a text that is not empty", nameOf}
	// aService is the id of a service, whether or not it exists.
	aService = kind[string]{text(Keyword{"minLength", 1}), "the id of a service, such as files", serviceOf}
	aState   = oneOf(apikey.KeyStates)
	aSort    = oneOf(apikey.KeySorts, Keyword{"default", apikey.SortCreated})
	// neverUsed says whether keys were ever used.
	neverUsed = kind[apikey.KeyUse]{Values{Schema: []Keyword{{"type", "boolean"}}}, aBool.want, useOf}
	anOrder   = kind[bool]{text(Keyword{"enum", []string{"asc", "desc"}}, Keyword{"default", "asc"}), "asc or desc", orderOf}
	// aLimit leaves the range to the rules. What is not a number reads as 0, which
	// is out of range.
	aLimit = kind[int]{Values{Schema: []Keyword{{"type", "integer"}, {"minimum", 1}, {"maximum", apikey.MaxPage}, {"default", apikey.MaxPage}}}, "", limitOf}
	aBool  = kind[bool]{Values{Schema: []Keyword{{"type", "boolean"}, {"default", false}}}, "true or false", boolOf}
	// aFlag is a boolean in the Supermetrics document's spelling.
	aFlag = kind[bool]{
		Values{[]Keyword{{"type", "string"}, {"pattern", "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|1|0|)$"}, {"default", "false"}}, true},
		"true or false, or 1 or 0", flagOf,
	}
)

// anID returns the kind for the ids of something, such as "a user".
func anID(of string) kind[uuid.UUID] {
	return kind[uuid.UUID]{text(Keyword{"format", "uuid"}), "the id of " + of, uuid.Parse}
}

// oneOf returns the kind of the given values.
func oneOf[V ~string](values []V, more ...Keyword) kind[V] {
	var names []string
	for _, value := range values {
		names = append(names, string(value))
	}
	return kind[V]{text(append([]Keyword{{"enum", values}}, more...)...), "one of " + strings.Join(names, ", "), func(text string) (V, error) {
		if !slices.Contains(names, text) {
			return "", errFilter
		}
		return V(text), nil
	}}
}

var errNotBool = errors.New("neither true nor false")

// boolOf parses exactly true or false.
func boolOf(text string) (bool, error) {
	if text != "true" && text != "false" {
		return false, errNotBool
	}
	return text == "true", nil
}

// flagOf parses true and false in any case, 1 and 0. A parameter without a value
// is true.
func flagOf(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "true", "1", "":
		return true, nil
	case "false", "0":
		return false, nil
	}
	return false, errNotBool
}

// ForceParameter asks for a change in spite of what it takes away.
const ForceParameter = "force"

// What force is for.
const (
	withdraws = "true removes permissions that no service declares any more from every key, policy and user that has them. Otherwise, if any has one, the answer is 409 PERMISSION_IN_USE."
	lastKey   = "true makes the change even if no key could administer keys afterwards, provided that the caller may do that: with AdministerApiKeys, as an OWNER, or for a key of their own. Otherwise the answer is 409 LAST_ADMIN_KEY."
)

// force returns the force parameter for an endpoint that refuses some changes
// without it.
func force(what string) Parameter { return aBool.named(ForceParameter, what) }
