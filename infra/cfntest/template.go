// Package cfntest holds a CloudFormation template equal to the operation table.
// It reads plain templates, such as CDK writes them, and SAM's; what both must
// say is checked by the same code. It is a test's tool: nothing deployed uses
// it.
package cfntest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// Template is a template with every reference resolved, as far as it can be
// before deployment: a parameter stands for its default, and a reference to a
// resource or to a pseudo parameter is the text "${ID}", or "${ID.Attribute}".
type Template struct {
	Resources map[string]Resource
}

// Resource is one resource of a template.
type Resource struct {
	ID, Type string
	// Retained says that the resource outlives its stack, and its replacement;
	// the failed deployment that made it may take it along.
	Retained   bool
	Metadata   any
	Properties any
}

// retaining are the policies of what outlives its stack.
var retaining = []any{"Retain", "RetainExceptOnCreate"}

// Read reads a template in JSON or YAML, with the short forms of CloudFormation's
// functions. Its error names every reference to something that does not exist,
// and every function that it does not know.
func Read(data []byte) (*Template, error) {
	content, err := parse(data)
	if err != nil {
		return nil, err
	}
	resources, _ := at(content, "Resources").(map[string]any)
	if len(resources) == 0 {
		return nil, errors.New("cfntest: a template without resources")
	}
	r := resolver{parameters: map[string]any{}, resources: resources}
	declared, _ := at(content, "Parameters").(map[string]any)
	for name := range declared {
		r.parameters[name] = at(declared, name, "Default")
	}
	template := &Template{Resources: map[string]Resource{}}
	for id, resource := range resources {
		template.Resources[id] = Resource{
			ID:         id,
			Type:       text(at(resource, "Type")),
			Retained:   slices.Contains(retaining, at(resource, "DeletionPolicy")) && at(resource, "UpdateReplacePolicy") == "Retain",
			Metadata:   at(resource, "Metadata"),
			Properties: r.resolve(at(resource, "Properties")),
		}
	}
	return template, errors.Join(r.faults...)
}

// parse reads a template as it stands, but for SAM's globals, which are with the
// functions then.
func parse(data []byte) (any, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	if len(document.Content) != 1 {
		return nil, errors.New("cfntest: an empty template")
	}
	content, err := decode(document.Content[0])
	if err != nil {
		return nil, err
	}
	resources, _ := at(content, "Resources").(map[string]any)
	inherit(resources, at(content, "Globals", "Function"))
	return content, nil
}

// inherit gives SAM's functions the properties that all of them share.
func inherit(resources map[string]any, shared any) {
	properties, _ := shared.(map[string]any)
	for _, resource := range resources {
		own, ok := at(resource, "Properties").(map[string]any)
		if !ok || at(resource, "Type") != "AWS::Serverless::Function" {
			continue
		}
		for name, value := range properties {
			if _, set := own[name]; !set {
				own[name] = value
			}
		}
	}
}

// ofType returns the resources of any of those types, in order of their ids.
func (t *Template) ofType(types ...string) []Resource {
	var found []Resource
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if slices.Contains(types, t.Resources[id].Type) {
			found = append(found, t.Resources[id])
		}
	}
	return found
}

// at walks down maps by names and lists by positions; nil where the way ends.
func at(value any, way ...any) any {
	for _, step := range way {
		switch step := step.(type) {
		case string:
			fields, _ := value.(map[string]any)
			value = fields[step]
		case int:
			items, _ := value.([]any)
			if step >= len(items) {
				return nil
			}
			value = items[step]
		}
	}
	return value
}

// get is at, from the resource's properties.
func (r Resource) get(way ...any) any { return at(r.Properties, way...) }

// text is the value as a template means it: CloudFormation takes "5" for 5.
func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}

// list is the value as a list: CloudFormation takes a single item for a list of
// one.
func list(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	default:
		return []any{value}
	}
}
