package apikey

import (
	"reflect"
	"time"
)

// same reports whether two records are equal, so that replacing one with the
// other changes nothing. Empty and nil lists are equal, and so are times of the
// same instant.
func same[T any](a, b T) bool { return alike(reflect.ValueOf(a), reflect.ValueOf(b)) }

func alike(a, b reflect.Value) bool {
	switch {
	case a.Type() == reflect.TypeFor[time.Time]():
		at, _ := a.Interface().(time.Time)
		other, _ := b.Interface().(time.Time)
		return at.Equal(other)
	case a.Kind() == reflect.Pointer && !a.IsNil() && !b.IsNil():
		return alike(a.Elem(), b.Elem())
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
	case a.Kind() == reflect.Struct:
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
