package dynamo_test

import (
	"bytes"
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/routing"
)

// written is a record of some kind, the writes that store it, and a function
// that reads it.
type written struct {
	kind   string
	record any
	writes []apikey.Write
	read   func(*dynamo.Store) (any, error)
}

// writtenOf returns a record made from bytes, and an audit record.
func writtenOf(data []byte) (written, apikey.AuditRecord) {
	w := &wild{data}
	one := w.written()
	return one, w.audit()
}

func (w *wild) written() written {
	ctx := context.Background()
	switch w.below(10) {
	case 0:
		key := w.key()
		return written{"key", key, []apikey.Write{apikey.CreateKey{Key: key}}, func(s *dynamo.Store) (any, error) { return s.Key(ctx, key.ID) }}
	case 1:
		org := w.organization()
		return written{"organization", org, []apikey.Write{apikey.CreateOrganization{Organization: org}},
			func(s *dynamo.Store) (any, error) { return s.Organization(ctx, org.ID) }}
	case 2:
		status := w.status()
		return written{"status", status, []apikey.Write{apikey.ReplaceStatus{After: status}},
			func(s *dynamo.Store) (any, error) { return s.Status(ctx, status.Org) }}
	case 3:
		policy := w.policy()
		return written{"policy", policy, []apikey.Write{apikey.CreatePolicy{Policy: policy}},
			func(s *dynamo.Store) (any, error) { return s.Policy(ctx, policy.Org, policy.ID) }}
	case 4:
		user := w.user()
		return written{"user", user, []apikey.Write{apikey.CreateUser{User: user}},
			func(s *dynamo.Store) (any, error) { return s.User(ctx, user.Org, user.ID) }}
	case 5:
		service := w.service()
		return written{"service", service, []apikey.Write{apikey.PutService{After: service}},
			func(s *dynamo.Store) (any, error) { return s.RegisteredService(ctx, service.Org, service.ID) }}
	case 6:
		pepper := w.pepper()
		return written{"pepper", pepper, []apikey.Write{apikey.CreatePepper{Pepper: pepper}}, func(s *dynamo.Store) (any, error) {
			return only(s.Peppers(ctx))
		}}
	case 7:
		task := w.task()
		return written{"task", task, []apikey.Write{apikey.BeginTask{Task: task}}, func(s *dynamo.Store) (any, error) {
			tasks, damaged, err := s.Unfinished(ctx)
			return only(tasks, broken(damaged, err))
		}}
	case 8:
		key, sealed := plainKey(), []byte("sealed "+w.text())
		return written{"encrypted copy", sealed, []apikey.Write{apikey.CreateKey{Key: key, Sealed: sealed}},
			func(s *dynamo.Store) (any, error) { return s.Sealed(ctx, key.ID) }}
	default:
		outcome := w.outcome()
		return written{"outcome", outcome, []apikey.Write{apikey.PutOutcome{Outcome: outcome}}, outcomeReader(outcome)}
	}
}

// outcomeReader reads an outcome again.
func outcomeReader(outcome apikey.Outcome) func(*dynamo.Store) (any, error) {
	return func(s *dynamo.Store) (any, error) {
		found, err := s.Read(context.Background(), outcome.Ref())
		if err != nil {
			return nil, err
		}
		return found.Outcome(outcome.Ref())
	}
}

// only returns the only record of a list.
func only[T any](all []T, err error) (any, error) {
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%d records", len(all))
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// asRead returns a record in the form in which a store returns it: times in UTC
// and in milliseconds, nil for empty lists, and no count, which the store keeps
// itself.
func asRead(record any) any {
	switch r := record.(type) {
	case apikey.Service:
		if r.Unlisted == "" {
			r.Unlisted = routing.RefuseUnlisted
		}
		record = r
	case apikey.Key:
		r.Generation = max(1, r.Generation)
		record = r
	}
	v := reflect.New(reflect.TypeOf(record)).Elem()
	v.Set(reflect.ValueOf(record))
	settle(v)
	return v.Interface()
}

// settle does that for a record's parts.
func settle(v reflect.Value) {
	switch v.Kind() {
	case reflect.Slice:
		if v.Len() == 0 {
			v.SetZero()
			return
		}
		settled := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(settled, v)
		for i := range settled.Len() {
			settle(settled.Index(i))
		}
		v.Set(settled)
	case reflect.Struct:
		if at, is := v.Interface().(time.Time); is {
			v.Set(reflect.ValueOf(at.UTC().Truncate(time.Millisecond)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				settle(v.Field(i))
			}
		}
	}
}

// wantAsWritten writes a record to a store and reads it back, unless the store
// permanently refuses it.
func wantAsWritten(t *testing.T, store *dynamo.Store, w written, audit apikey.AuditRecord) {
	t.Helper()
	err := store.Commit(t.Context(), apikey.Change{Writes: w.writes, Audits: []apikey.AuditRecord{audit}})
	if err != nil {
		if apikey.KindOf(err) != apikey.Permanent {
			t.Errorf("%s: %v", w.kind, err)
		}
		return
	}
	got, err := w.read(store)
	if err != nil {
		t.Fatalf("%s: stored, and not read: %v", w.kind, err)
	}
	if want := asRead(w.record); !reflect.DeepEqual(got, want) {
		t.Errorf("%s: written\n%.2000v\nread\n%.2000v", w.kind, fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got))
	}
	page, err := store.AuditRecords(t.Context(), audit.Org, apikey.AuditFilter{}, apikey.Position{}, 10)
	if err != nil || len(page.Damaged) > 0 {
		t.Fatalf("audit record: stored, and not read: %v, %v", page.Damaged, err)
	}
	for _, record := range page.Records {
		if record.ID == audit.ID && !reflect.DeepEqual(record, asRead(audit)) {
			t.Errorf("audit record: written\n%+v\nread\n%+v", audit, record)
		}
	}
}

// goodAudit is an audit record that every store accepts.
var goodAudit = requireChange.Audits[0]

// For every record of every kind, the store either reads back what it wrote, or
// refuses the record permanently before anything is sent.
func FuzzRecordsReadBack(f *testing.F) {
	for kind := range byte(10) {
		f.Add([]byte{kind})
		f.Add(append([]byte{kind}, bytes.Repeat([]byte{5, 2, 250, 77}, 60)...))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w, audit := writtenOf(data)
		wantAsWritten(t, dynamo.New(newShelf(), tableNames), w, goodAudit)
		wantAsWritten(t, dynamo.New(newShelf(), tableNames), written{"audit record", true, requireChange.Writes, func(*dynamo.Store) (any, error) { return true, nil }}, audit)
	})
}
