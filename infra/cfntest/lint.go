package cfntest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Lint returns every reason for which CloudFormation or SAM would reject a
// template. It reports unknown resource types, properties and attributes,
// missing required properties, values of the wrong type or outside those
// allowed, references to nothing, and dependency cycles. It assumes that a
// CloudFormation function gives a suitable value if it can.
func (s *Specification) Lint(data []byte) (faults []string) {
	content, err := parse(data)
	if err == nil {
		_, err = Read(data)
	}
	if err != nil {
		return []string{err.Error()}
	}
	resources, _ := at(content, "Resources").(map[string]any)
	parameters, _ := at(content, "Parameters").(map[string]any)
	l := &linter{s, resources, parameters, nil}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		l.resource(id)
	}
	l.circles()
	return l.faults
}

type linter struct {
	*Specification
	declared, parameters map[string]any
	faults               []string
}

func (l *linter) fault(path, format string, arguments ...any) {
	l.faults = append(l.faults, path+": "+fmt.Sprintf(format, arguments...))
}

// parts lists the parts that a resource may have.
var parts = []string{"Type", "Properties", "DependsOn", "DeletionPolicy", "UpdateReplacePolicy", "Condition", "Metadata", "CreationPolicy", "UpdatePolicy"}

func (l *linter) resource(id string) {
	fields, _ := l.declared[id].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(parts, name) {
			l.fault(id, "a resource has no %s", name)
		}
	}
	known, ok := l.typeOf(id)
	if !ok {
		l.fault(id, "there is no resource type %q", text(fields["Type"]))
		return
	}
	properties, given := fields["Properties"]
	if !given {
		properties = map[string]any{}
	}
	l.faults = append(l.faults, l.object(known, properties, id)...)
	l.attributes(id)
}

// typeOf returns the type of a resource. A custom resource may have any
// additional properties.
func (l *linter) typeOf(id string) (known shape, ok bool) {
	name := text(at(l.declared[id], "Type"))
	if strings.HasPrefix(name, "Custom::") {
		known, ok = l.resources["AWS::CloudFormation::CustomResource"]
		known.Name = name
		return known, ok
	}
	known, ok = l.resources[name]
	return known, ok
}

// object returns the faults of an object with a shape.
func (l *linter) object(of shape, value any, path string) (faults []string) {
	fields, ok := value.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s: %v is no object", path, value)}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		property, known := of.Properties[name]
		switch {
		case known:
			faults = append(faults, l.value(property.Type, fields[name], path+"."+name)...)
		case !strings.HasPrefix(of.Name, "Custom::"):
			faults = append(faults, fmt.Sprintf("%s: there is no property %s", path, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(of.Properties)) {
		if _, given := fields[name]; of.Properties[name].Required && !given {
			faults = append(faults, fmt.Sprintf("%s: the property %s is missing", path, name))
		}
	}
	return faults
}

// value returns the faults of a value of a kind.
func (l *linter) value(of kind, value any, path string) []string {
	if name, argument, ok := function(value); ok {
		return l.call(of, name, argument, path)
	}
	switch of.Type {
	case "array":
		return l.elements(of, value, path)
	case "map":
		return l.members(of, value, path)
	case "ref":
		return l.object(l.types[of.Reference.ID], value, path)
	case "tag":
		return l.object(tag, value, path)
	case "union":
		return l.union(of, value, path)
	}
	if !is(of.Type, value) {
		return []string{fmt.Sprintf("%s: %v is no %s", path, value, of.Type)}
	}
	if len(of.Values) > 0 && !slices.ContainsFunc(of.Values, func(allowed any) bool { return text(allowed) == text(value) }) {
		return []string{fmt.Sprintf("%s: %v is none of %v", path, value, of.Values)}
	}
	return nil
}
