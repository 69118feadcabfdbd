package apikeytest

import "reflect"

// Size implements [apikey.Store]. It counts all texts of a record, the names of
// their fields, and a few bytes for each value, roughly like a document
// database.
func (s *Store) Size(record any) int { return sizeOf(reflect.ValueOf(record)) }

func sizeOf(v reflect.Value) int {
	n := 3
	switch v.Kind() {
	case reflect.String:
		return v.Len()
	case reflect.Slice:
		for i := range v.Len() {
			n += 1 + sizeOf(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			n += len(v.Type().Field(i).Name) + sizeOf(v.Field(i))
		}
	default:
		return 8
	}
	return n
}
