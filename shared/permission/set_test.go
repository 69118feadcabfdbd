package permission_test

import (
	"slices"
	"testing"

	"github.com/keyward/keyward/shared/permission"
)

// A set is the same whatever the order and the repeats of its names, and it does
// not share memory with them.
func TestSet(t *testing.T) {
	names := []string{"b", "a", "b"}
	set := permission.NewSet(names...)
	names[0] = "z"
	if !slices.Equal(set, permission.NewSet("a", "b")) {
		t.Errorf("%v", set)
	}
	if !set.Has("a") || set.Has("z") || set.Has("") || permission.Set(nil).Has("a") {
		t.Error("a set holds its own names and no other")
	}
	if !set.HasAny("z", "b") || set.HasAny("z") || set.HasAny() {
		t.Error("HasAny asks for one of its names")
	}
}

// And, Or and Without return sets, whatever they are made of.
func TestAlgebra(t *testing.T) {
	one, other := permission.NewSet("a", "c", "b"), permission.NewSet("d", "b", "c")
	for about, sets := range map[string][2]permission.Set{
		"and":             {one.And(other), permission.NewSet("b", "c")},
		"or":              {one.Or(other), permission.NewSet("a", "b", "c", "d")},
		"without":         {one.Without(other), permission.NewSet("a")},
		"and nothing":     {one.And(nil), nil},
		"or nothing":      {one.Or(nil), one},
		"without nothing": {one.Without(nil), one},
	} {
		if !slices.Equal(sets[0], sets[1]) {
			t.Errorf("%s: %v, want %v", about, sets[0], sets[1])
		}
	}
}
