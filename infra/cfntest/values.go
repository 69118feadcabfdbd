package cfntest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// tag is the shape of a "tag" in the specification.
var tag = shape{Properties: map[string]property{
	"Key": {kind{Type: "string"}, true}, "Value": {kind{Type: "string"}, true},
}}

// is reports whether a value is of a simple kind. CloudFormation accepts "5" for
// 5 and "true" for true. YAML parses a text that looks like a time as a time.
func is(kind string, value any) bool {
	switch value := value.(type) {
	case string:
		var number json.Number
		switch kind {
		case "integer", "number":
			return json.Unmarshal([]byte(value), &number) == nil && (kind == "number" || !strings.ContainsAny(value, ".eE"))
		case "boolean":
			return value == "true" || value == "false"
		}
		return kind == "string" || kind == "date-time"
	case time.Time:
		return kind == "string" || kind == "date-time"
	case bool:
		return kind == "boolean"
	case int:
		return kind == "integer" || kind == "number"
	case float64:
		return kind == "number" || kind == "integer" && value == float64(int64(value))
	case map[string]any, []any:
		return kind == "json"
	}
	return false
}

func (l *linter) elements(of kind, value any, path string) (faults []string) {
	items, ok := value.([]any)
	if !ok {
		return []string{fmt.Sprintf("%s: %v is no list", path, value)}
	}
	for i, item := range items {
		faults = append(faults, l.value(*of.Element, item, fmt.Sprintf("%s[%d]", path, i))...)
	}
	return faults
}

func (l *linter) members(of kind, value any, path string) (faults []string) {
	fields, ok := value.(map[string]any)
	if !ok {
		return []string{fmt.Sprintf("%s: %v is no map", path, value)}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		faults = append(faults, l.value(*of.Element, fields[name], path+"."+name)...)
	}
	return faults
}

// union returns the faults of the alternative with the fewest.
func (l *linter) union(of kind, value any, path string) (fewest []string) {
	for i, alternative := range of.Types {
		faults := l.value(alternative, value, path)
		if i == 0 || len(faults) < len(fewest) {
			fewest = faults
		}
	}
	return fewest
}

// function returns the name and argument of a call of a CloudFormation function.
func function(value any) (name string, argument any, ok bool) {
	fields, _ := value.(map[string]any)
	if len(fields) != 1 {
		return "", nil, false
	}
	for name, argument = range fields {
		ok = name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return name, argument, ok
}

// call returns the faults of a function call in place of a value of a kind. It
// checks both branches of a condition. A text is neither a list nor an object.
func (l *linter) call(of kind, name string, argument any, path string) []string {
	if name == "Fn::If" {
		return append(l.value(of, at(argument, 1), path), l.value(of, at(argument, 2), path)...)
	}
	if !l.isText(name, argument) || !slices.Contains([]string{"array", "map", "ref", "tag", "json"}, of.Type) {
		return nil
	}
	return []string{fmt.Sprintf("%s: %s gives a string, which is no %s", path, name, of.Type)}
}

// isText reports whether a function's value is certainly a text.
func (l *linter) isText(name string, argument any) bool {
	switch name {
	case "Fn::Sub", "Fn::Join", "Fn::Base64", "Fn::ImportValue":
		return true
	case "Ref":
		id := text(argument)
		kind := text(at(l.parameters, id, "Type"))
		return l.declared[id] != nil || kind == "String" || kind == "Number"
	}
	return false
}
