package reference

import (
	"bytes"
	"encoding/json"
)

// document is the part of the OpenAPI document that the pages show.
type document struct {
	Info struct{ Title, Description string }
	Tags []struct{ Name, Description string }
	// Paths maps paths to methods to operations.
	Paths      ordered[ordered[operation]]
	Components struct {
		Responses ordered[response]
		Schemas   ordered[schema]
	}
}

type operation struct {
	OperationID          string
	Tags                 []string
	Summary, Description string
	Security             *[]any
	Parameters           []parameter
	RequestBody          *struct {
		Required bool
		Content  ordered[content]
	}
	Responses ordered[response]
}

type parameter struct {
	Name, In, Description string
	Required              bool
	Schema                schema
}

type response struct {
	Ref         string `json:"$ref"`
	Description string
	Headers     ordered[struct {
		Description string
		Required    bool
	}]
	Content ordered[content]
}

type content struct {
	Schema  schema
	Example json.RawMessage
}

// schema is a JSON Schema as the generator of the document writes it.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 any
	Format, Description  string
	Enum                 []any
	Default, Const       any
	Minimum, Maximum     json.Number
	MinLength, MaxLength json.Number
	MinItems             json.Number
	Pattern              string
	ReadOnly             bool
	Items                *schema
	AdditionalProperties any
	AnyOf, AllOf         []schema
	Required             []string
	Properties           ordered[schema]
}

// ordered is a JSON object that keeps the order of its members.
type ordered[T any] []member[T]

type member[T any] struct {
	Name  string
	Value T
}

// UnmarshalJSON reads the members in their order.
func (o *ordered[T]) UnmarshalJSON(text []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		m := member[T]{}
		m.Name, _ = name.(string)
		if err := decoder.Decode(&m.Value); err != nil {
			return err
		}
		*o = append(*o, m)
	}
	return nil
}

// at returns the named member; its zero value if there is none.
func (o ordered[T]) at(name string) (value T) {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return value
}
