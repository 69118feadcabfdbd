package apikeytest

import (
	"reflect"

	"github.com/keyward/keyward/shared/apikey"
)

// The names of records.

func keyRef(key apikey.Key) apikey.Ref { return apikey.KeyRef(key.ID) }

// dueRef names what is due about a key's tombstone.
func dueRef(key apikey.Key) apikey.Ref { return apikey.Ref{Subject: "due", ID: key.ID} }

func policyRef(policy apikey.Policy) apikey.Ref { return apikey.PolicyRef(policy.Org, policy.ID) }

func userRef(user apikey.User) apikey.Ref { return apikey.UserRef(user.Org, user.ID) }

func serviceRef(service apikey.Service) apikey.Ref {
	return apikey.ServiceRef(service.Org, service.ID)
}

func auditRef(record apikey.AuditRecord) apikey.Ref { return apikey.AuditRef(record.Org, record.ID) }

// record returns the stored record of a type, whether damaged or not.
func record[V any](s *Store, ref apikey.Ref) (found V, exists bool) {
	found, exists = s.records[ref].(V)
	return found, exists
}

// put stores a record. A replaced record keeps its count of keys; a new one
// starts with 0.
func (s *Store) put(ref apikey.Ref, record any) {
	s.records[ref] = withCount(clone(record), countOf(s.records[ref]))
}

// versionOf returns a record's version; 0 if there is no record.
func versionOf(record any) int64 { return counter(record, "Version") }

// countOf returns how many keys a record counts; 0 if it is no owner of keys.
func countOf(record any) int { return int(counter(record, "KeyCount")) }

// counter returns the number in a record's field of that name; 0 if there is none.
func counter(record any, name string) int64 {
	if record == nil {
		return 0
	}
	if field := reflect.ValueOf(record).FieldByName(name); field.IsValid() {
		return field.Int()
	}
	return 0
}

// withCount returns a copy of the record with that count, if it is an owner of
// keys.
func withCount(record any, count int) any {
	copied := reflect.New(reflect.TypeOf(record)).Elem()
	copied.Set(reflect.ValueOf(record))
	if field := copied.FieldByName("KeyCount"); field.IsValid() {
		field.SetInt(int64(count))
	}
	return copied.Interface()
}

// clone returns a copy that shares no memory with its original, so that only a
// change can change what is stored.
func clone[V any](original V) V {
	copied := reflect.New(reflect.TypeOf(original)).Elem()
	copied.Set(reflect.ValueOf(original))
	detach(copied)
	return copied.Interface().(V)
}

// detach replaces all slices, maps and pointers in a value with copies.
func detach(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return
		}
		copied := reflect.New(v.Type().Elem())
		copied.Elem().Set(v.Elem())
		detach(copied.Elem())
		v.Set(copied)
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				detach(field)
			}
		}
	case reflect.Slice:
		if v.IsNil() {
			return
		}
		copied := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(copied, v)
		for i := range copied.Len() {
			detach(copied.Index(i))
		}
		v.Set(copied)
	case reflect.Map:
		if v.IsNil() {
			return
		}
		copied := reflect.MakeMap(v.Type())
		for key, value := range v.Seq2() {
			copied.SetMapIndex(key, value)
		}
		v.Set(copied)
	}
}
