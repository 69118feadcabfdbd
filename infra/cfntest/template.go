// Package cfntest compares a CloudFormation template with the operation table.
// It reads plain templates, such as CDK's, and SAM's; the same code checks both.
// It is only for tests: nothing deployed uses it.
package cfntest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"
)

// Template is a template with all references resolved, as far as possible before
// deployment. A parameter becomes its default. A reference to a resource or a
// pseudo parameter becomes the text "${ID}" or "${ID.Attribute}".
type Template struct {
	Resources map[string]Resource
}

// Resource is one resource of a template.
type Resource struct {
	ID, Type string
	// Retained means that the resource outlives its stack and its own replacement.
	// If the deployment that creates it fails, it may be deleted.
	Retained   bool
	Metadata   any
	Properties any
}

// retaining lists the deletion policies of such resources.
var retaining = []any{"Retain", "RetainExceptOnCreate"}

// Read parses a template in JSON or YAML, with the short forms of
// CloudFormation's functions. Its error names every reference to something that
// does not exist, and every unknown function.
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

// parse parses a template without resolving it. It merges SAM's globals into the
// functions.
func parse(data []byte) (any, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	if len(document.Content) != 1 {
		return nil, errors.New("cfntest: an empty template")
	}
	if err := expand(&document); err != nil {
		return nil, err
	}
	var content any
	if err := document.Decode(&content); err != nil {
		return nil, err
	}
	resources, _ := at(content, "Resources").(map[string]any)
	inherit(resources, at(content, "Globals", "Function"))
	return content, nil
}

// inherit adds SAM's shared properties to the functions.
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

// ofType returns the resources of those types, sorted by id.
func (t *Template) ofType(types ...string) []Resource {
	var found []Resource
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if slices.Contains(types, t.Resources[id].Type) {
			found = append(found, t.Resources[id])
		}
	}
	return found
}

// at follows names through maps and indexes through lists. It returns nil if the
// path ends early.
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

// get returns what at returns, starting from the resource's properties.
func (r Resource) get(way ...any) any { return at(r.Properties, way...) }

// text returns the value as text, because CloudFormation accepts "5" for 5.
func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
