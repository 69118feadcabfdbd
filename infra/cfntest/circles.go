package cfntest

import (
	"maps"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/iam"
)

// references returns all references in a resource's properties, as "ID" or
// "ID.Attribute".
func (l *linter) references(id string) []string {
	r := resolver{resources: l.declared}
	r.resolve(at(l.declared[id], "Properties"))
	return r.references
}

// attributes reports attributes of other resources that do not exist, and
// dependencies on missing resources.
func (l *linter) attributes(id string) {
	for _, reference := range l.references(id) {
		to, attribute, _ := strings.Cut(reference, ".")
		known, ok := l.typeOf(to)
		if _, has := known.Attributes[attribute]; ok && attribute != "" && !has && !strings.HasPrefix(known.Name, "Custom::") {
			l.fault(id, "%s has no attribute %s", to, attribute)
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
		for _, reference := range l.references(id) {
			to, _, _ := strings.Cut(reference, ".")
			visit(to, way)
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
