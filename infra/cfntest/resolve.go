package cfntest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/keyward/keyward/infra/iam"
)

// expand replaces the short forms of functions with the long ones, and makes every
// name a text. Aliases, and null as a name, are errors.
func expand(node *yaml.Node) error {
	if node.Kind == yaml.AliasNode {
		return fmt.Errorf("cfntest: line %d: aliases are not for templates", node.Line)
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 {
			if child.ShortTag() == "!!null" {
				return fmt.Errorf("cfntest: line %d: %s is no name unless it is quoted", child.Line, child.Value)
			}
			child.Tag = "!!str"
		}
		if err := expand(child); err != nil {
			return err
		}
	}
	if short, ok := strings.CutPrefix(node.Tag, "!"); ok && !strings.HasPrefix(short, "!") {
		argument := *node
		argument.Tag = ""
		if node.Kind == yaml.ScalarNode {
			argument.Tag = "!!str"
		}
		if short != "Ref" && short != "Condition" {
			short = "Fn::" + short
		}
		*node = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: short}, &argument}}
	}
	return nil
}

// resolver replaces functions with their values, and keeps every reference that it
// met, as "ID" or "ID.Attribute".
type resolver struct {
	parameters, resources map[string]any
	references            []string
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
		for _, name := range slices.Sorted(maps.Keys(value)) {
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
		r.resolve(at(argument, 2)) // for its references
		return r.resolve(at(argument, 1))
	case "Fn::ImportValue":
		return "${import " + text(r.resolve(argument)) + "}"
	case "Fn::Select", "Fn::Split":
		// CDK splits a function's ARN to get its region and partition. No check
		// depends on those.
		r.resolve(argument)
		return "${" + name + "}"
	}
	r.faults = append(r.faults, fmt.Errorf("cfntest: an unknown function: %s", name))
	return nil
}

// reference resolves "ID" or "ID.Attribute".
func (r *resolver) reference(name string) any {
	r.references = append(r.references, name)
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
