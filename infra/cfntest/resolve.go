package cfntest

import (
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/keyward/keyward/infra/iam"
)

// decode converts YAML to maps, lists and scalars, and the short forms of
// functions to the long ones. Duplicate names are an error.
func decode(node *yaml.Node) (any, error) {
	if strings.HasPrefix(node.Tag, "!") && !strings.HasPrefix(node.Tag, "!!") {
		return decodeFunction(node)
	}
	switch node.Kind {
	case yaml.MappingNode:
		fields := map[string]any{}
		for i := 0; i < len(node.Content); i += 2 {
			name := node.Content[i].Value
			if node.Content[i].ShortTag() == "!!null" {
				return nil, fmt.Errorf("cfntest: line %d: %s is no name unless it is quoted", node.Content[i].Line, name)
			}
			if _, twice := fields[name]; twice {
				return nil, fmt.Errorf("cfntest: line %d: %s stands twice", node.Content[i].Line, name)
			}
			value, err := decode(node.Content[i+1])
			if err != nil {
				return nil, err
			}
			fields[name] = value
		}
		return fields, nil
	case yaml.SequenceNode:
		items := []any{}
		for _, child := range node.Content {
			item, err := decode(child)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		return items, nil
	case yaml.ScalarNode:
		var value any
		err := node.Decode(&value)
		return value, err
	}
	return nil, fmt.Errorf("cfntest: line %d: aliases are not for templates", node.Line)
}

func decodeFunction(node *yaml.Node) (any, error) {
	name := "Fn::" + node.Tag[1:]
	if node.Tag == "!Ref" || node.Tag == "!Condition" {
		name = node.Tag[1:]
	}
	plain := *node
	plain.Tag = ""
	if node.Kind == yaml.ScalarNode {
		plain.Tag = "!!str"
	}
	argument, err := decode(&plain)
	return map[string]any{name: argument}, err
}

// resolver replaces functions with their values.
type resolver struct {
	parameters, resources map[string]any
	faults                []error
}

func (r *resolver) resolve(value any) any {
	switch value := value.(type) {
	case []any:
		items := make([]any, len(value))
		for i := range value {
			items[i] = r.resolve(value[i])
		}
		return items
	case map[string]any:
		if name, argument, ok := function(value); ok {
			return r.call(name, argument)
		}
		fields := map[string]any{}
		for name := range value {
			fields[name] = r.resolve(value[name])
		}
		return fields
	}
	return value
}

func (r *resolver) call(name string, argument any) any {
	switch name {
	case "Ref":
		return r.reference(text(argument))
	case "Fn::GetAtt":
		parts := iam.OneOrMany(argument)
		if joined, ok := argument.(string); ok {
			id, attribute, _ := strings.Cut(joined, ".")
			parts = []any{id, attribute}
		}
		return r.reference(text(at(parts, 0)) + "." + text(at(parts, 1)))
	case "Fn::Sub":
		return r.substitute(text(argument))
	case "Fn::Join":
		var parts []string
		for _, part := range iam.OneOrMany(r.resolve(at(argument, 1))) {
			parts = append(parts, text(part))
		}
		return strings.Join(parts, text(at(argument, 0)))
	case "Fn::If":
		return r.resolve(at(argument, 1))
	case "Fn::ImportValue":
		return "${import " + text(r.resolve(argument)) + "}"
	case "Fn::Select", "Fn::Split":
		// CDK splits a function's ARN to get its region and partition. No check
		// depends on those.
		return "${" + name + "}"
	}
	r.faults = append(r.faults, fmt.Errorf("cfntest: an unknown function: %s", name))
	return nil
}

// reference resolves "ID" or "ID.Attribute".
func (r *resolver) reference(name string) any {
	if value, ok := r.parameters[name]; ok {
		return value
	}
	id, _, _ := strings.Cut(name, ".")
	if _, ok := r.resources[id]; !ok && !strings.HasPrefix(name, "AWS::") {
		r.faults = append(r.faults, fmt.Errorf("cfntest: a reference to %s, which does not exist", name))
	}
	return "${" + name + "}"
}

var placeholder = regexp.MustCompile(`\$\{[^}]*\}`)

func (r *resolver) substitute(template string) any {
	return placeholder.ReplaceAllStringFunc(template, func(found string) string {
		name := found[2 : len(found)-1]
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			return "${" + literal + "}"
		}
		return text(r.reference(name))
	})
}
