// Package permission holds the names of permissions, and sets of them. The rules and the
// routing of requests share it, and it knows neither.
package permission

import "slices"

// Set is a set of permission names: sorted, each once. Make one with [NewSet].
type Set []string

// NewSet returns the set of names. Their order and repeats do not matter.
func NewSet(names ...string) Set {
	set := slices.Clone(names)
	slices.Sort(set)
	return slices.Compact(set)
}

// Has reports whether the set holds name.
func (s Set) Has(name string) bool {
	_, found := slices.BinarySearch(s, name)
	return found
}

// HasAny reports whether the set holds at least one of names.
func (s Set) HasAny(names ...string) bool {
	return slices.ContainsFunc(names, s.Has)
}

// And returns the names that both sets hold.
func (s Set) And(other Set) Set {
	both := make(Set, 0, len(s))
	for _, name := range s {
		if other.Has(name) {
			both = append(both, name)
		}
	}
	return both
}

// Or returns the names that either set holds.
func (s Set) Or(other Set) Set {
	return NewSet(slices.Concat(s, other)...)
}

// Without returns the names of s that other does not hold.
func (s Set) Without(other Set) Set {
	var rest Set
	for _, name := range s {
		if !other.Has(name) {
			rest = append(rest, name)
		}
	}
	return rest
}
