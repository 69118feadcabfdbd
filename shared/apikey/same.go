package apikey

import (
	"reflect"
	"time"
)

// same reports whether two records of a sort say the same, so that a change from
// one to the other would change nothing. A list without elements is as good as
// none, and times are the same at the same instant.
func same[T any](a, b T) bool { return alike(reflect.ValueOf(a), reflect.ValueOf(b)) }

func alike(a, b reflect.Value) bool {
	switch {
	case a.Type() == reflect.TypeFor[time.Time]():
		at, _ := a.Interface().(time.Time)
		other, _ := b.Interface().(time.Time)
		return at.Equal(other)
	case a.Kind() == reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !alike(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	case a.Kind() == reflect.Struct && !a.Type().Comparable():
		for i := range a.NumField() {
			if !alike(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	default:
		return a.Equal(b)
	}
}
