package cfntest

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
)

// reference is a reference to another resource.
type reference struct{ id, attribute string }

// references returns all references in a value, including those to parameters.
func references(value any) (found []reference) {
	if name, argument, ok := function(value); ok {
		switch name {
		case "Ref":
			return []reference{{text(argument), ""}}
		case "Fn::GetAtt":
			if joined, ok := argument.(string); ok {
				return []reference{split(joined)}
			}
			return []reference{{text(at(argument, 0)), text(at(argument, 1))}}
		case "Fn::Sub":
			for _, name := range placeholder.FindAllString(text(argument), -1) {
				found = append(found, split(name[2:len(name)-1]))
			}
			return found
		}
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			found = append(found, references(item)...)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(value)) {
			found = append(found, references(value[name])...)
		}
	}
	return found
}

func split(name string) reference {
	id, attribute, _ := strings.Cut(name, ".")
	return reference{id, attribute}
}

// attributes reports attributes of other resources that do not exist, and
// dependencies on missing resources.
func (l *linter) attributes(id string) {
	for _, to := range references(at(l.declared[id], "Properties")) {
		known, ok := l.typeOf(to.id)
		if _, has := known.Attributes[to.attribute]; ok && to.attribute != "" && !has && !strings.HasPrefix(known.Name, "Custom::") {
			l.fault(id, "%s has no attribute %s", to.id, to.attribute)
		}
	}
	for _, other := range iam.OneOrMany(at(l.declared[id], "DependsOn")) {
		if l.declared[text(other)] == nil {
			l.fault(id, "it depends on %s, which does not exist", text(other))
		}
	}
}

// circles reports dependency cycles, whose resources could never be created.
func (l *linter) circles() {
	done := map[string]bool{}
	var visit func(id string, way []string)
	visit = func(id string, way []string) {
		if i := slices.Index(way, id); i >= 0 {
			l.fault(id, "it waits for itself: %s", strings.Join(append(way[i:], id), ", "))
			return
		}
		if done[id] || l.declared[id] == nil {
			return
		}
		way = append(way, id)
		for _, to := range references(at(l.declared[id], "Properties")) {
			visit(to.id, way)
		}
		for _, other := range iam.OneOrMany(at(l.declared[id], "DependsOn")) {
			visit(text(other), way)
		}
		done[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(l.declared)) {
		visit(id, nil)
	}
}
