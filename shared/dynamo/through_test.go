package dynamo_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/uuid"
)

// through is an organization in DynamoDB in which records of all kinds are
// created and deleted.
type through struct {
	*testing.T
	client *awsdynamodb.Client
	tables dynamo.Names
	store  *dynamo.Store
	// round numbers the records.
	round int
	// stored and refused count records by kind.
	stored, refused map[string]int
}

func newThrough(t *testing.T) *through {
	th := &through{T: t, client: dynamodb.Client(server.URL), tables: newTables(t), stored: map[string]int{}, refused: map[string]int{}}
	th.store = dynamo.New(th.client, th.tables)
	th.must(th.commit(apikey.CreateOrganization{Organization: apikey.Organization{ID: acme, MaxKeys: 1000, Version: 1}}))
	return th
}

func (th *through) must(err error) {
	th.Helper()
	if err != nil {
		th.Fatal(err)
	}
}

func (th *through) commit(writes ...apikey.Write) error { return th.commitAs(goodAudit, writes...) }

func (th *through) commitAs(audit apikey.AuditRecord, writes ...apikey.Write) error {
	if reflect.DeepEqual(audit, goodAudit) {
		id, _ := uuid.New(randomly{})
		audit.ID = id
	}
	return th.store.Commit(th.Context(), apikey.Change{Writes: writes, Audits: []apikey.AuditRecord{audit}})
}

// randomly is entropy that differs in each run, because the database may still
// recognize an audit record's id from an earlier one.
type randomly struct{}

func (randomly) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return len(p), nil
}

// items returns how many items the main table has.
func (th *through) items() int {
	th.Helper()
	found, err := th.client.Scan(th.Context(), &awsdynamodb.ScanInput{TableName: &th.tables.Table})
	th.must(err)
	return len(found.Items)
}

// pass writes a record, reads it back, deletes it, and checks that nothing of
// it is left.
func (th *through) pass(w written, remove apikey.Write) {
	th.Helper()
	th.round++
	before := th.items()
	if err := th.commit(w.writes...); err != nil {
		if apikey.KindOf(err) != apikey.Permanent {
			th.Errorf("%s %d: %v", w.kind, th.round, err)
		}
		th.refused[w.kind]++
		return
	}
	th.stored[w.kind]++
	got, err := w.read(th.store)
	if err != nil || !reflect.DeepEqual(got, asRead(w.record)) {
		th.Errorf("%s %d: written\n%.2000v\nread\n%.2000v, %v", w.kind, th.round, fmt.Sprintf("%+v", asRead(w.record)), fmt.Sprintf("%+v", got), err)
	}
	if err := th.commit(remove); err != nil {
		th.Errorf("%s %d: not deleted: %v", w.kind, th.round, err)
	}
	if after := th.items(); after != before {
		th.Errorf("%s %d: %d items are there, %d were before", w.kind, th.round, after, before)
	}
}

// Every record that DynamoDB stores can be read back and deleted, and then
// nothing of it is left. A record that DynamoDB does not accept is refused as
// Permanent.
func TestRecordsThroughDynamoDB(t *testing.T) {
	th := newThrough(t)
	for seed := range uint64(250) {
		source := rand.New(rand.NewPCG(seed, 9))
		data := make([]byte, source.IntN(2000))
		for i := range data {
			data[i] = byte(source.Uint32())
		}
		w := &wild{data}
		switch seed % 7 {
		case 0:
			th.key(w)
		case 1:
			policy := w.policy()
			policy.Org = acme
			th.pass(written{"policy", policy, []apikey.Write{apikey.CreatePolicy{Policy: policy}},
				func(s *dynamo.Store) (any, error) { return s.Policy(context.Background(), acme, policy.ID) }}, apikey.DeletePolicy{Policy: policy})
		case 2:
			user := w.user()
			user.Org = acme
			th.pass(written{"user", user, []apikey.Write{apikey.CreateUser{User: user}},
				func(s *dynamo.Store) (any, error) { return s.User(context.Background(), acme, user.ID) }}, apikey.DeleteUser{User: user, Counted: true})
		case 3:
			service := w.service()
			th.pass(written{"service", service, []apikey.Write{apikey.PutService{After: service}}, func(s *dynamo.Store) (any, error) {
				return s.RegisteredService(context.Background(), service.Org, service.ID)
			}}, apikey.DeleteService{Service: service})
		case 4:
			task := w.task()
			th.pass(written{"task", task, []apikey.Write{apikey.BeginTask{Task: task}}, func(s *dynamo.Store) (any, error) {
				tasks, damaged, err := s.Unfinished(context.Background())
				return only(tasks, broken(damaged, err))
			}}, apikey.FinishTask{Task: task})
		case 5:
			th.log(w.audit())
		default:
			th.organization(w)
		}
	}
	t.Logf("stored %v, refused %v", th.stored, th.refused)
	for _, kind := range []string{"key", "policy", "user", "service", "task", "audit record", "organization", "status", "pepper", "outcome"} {
		if th.stored[kind] == 0 {
			t.Errorf("no %s was stored", kind)
		}
	}
}

// key passes a key whose owners exist, with its encrypted copy.
func (th *through) key(w *wild) {
	key, sealed := w.key(), []byte("sealed "+w.text())
	key.Org, key.Policy, key.Recoverable = acme, uuid.UUID{}, true
	if key.Type == apikey.TypePersonal {
		key.OnBehalfOf = uuid.UUID{}
	}
	th.pass(written{"key", key, []apikey.Write{apikey.CreateKey{Key: key, Sealed: sealed}}, func(s *dynamo.Store) (any, error) {
		copied, err := s.Sealed(context.Background(), key.ID)
		if err == nil && string(copied) != string(sealed) {
			err = fmt.Errorf("the encrypted copy is %q", copied)
		}
		if err != nil {
			return nil, err
		}
		return s.Key(context.Background(), key.ID)
	}}, apikey.DeleteKey{Key: key})
}

// log writes an audit record, which stays.
func (th *through) log(audit apikey.AuditRecord) {
	th.Helper()
	err := th.commitAs(audit, apikey.FinishTask{Task: apikey.Task{Org: acme, Kind: apikey.TaskWithdraw}})
	if err != nil {
		if apikey.KindOf(err) != apikey.Permanent {
			th.Error(err)
		}
		return
	}
	th.stored["audit record"]++
	page, err := th.store.AuditRecords(th.Context(), audit.Org, apikey.AuditFilter{From: audit.At.Truncate(time.Millisecond), To: audit.At.Add(time.Millisecond)}, apikey.Position{}, apikey.MaxPage)
	th.must(err)
	for _, record := range page.Records {
		if record.ID == audit.ID {
			if !reflect.DeepEqual(record, asRead(audit)) {
				th.Errorf("audit record: written\n%+v\nread\n%+v", audit, record)
			}
			return
		}
	}
	th.Errorf("an audit record of %v is not listed; %v", audit.At, page.Damaged)
}

// organization writes records that are never deleted: another organization, its
// status, a pepper, and an outcome.
func (th *through) organization(w *wild) {
	th.Helper()
	ctx := context.Background()
	org, pepper := w.organization(), w.pepper()
	if org.ID == acme {
		org.ID = apikey.OrgID(fmt.Sprint("org-", th.round))
	}
	pepper.Version += 1000 * th.round
	status := w.status()
	status.Org = org.ID
	th.round++
	kept := func(kind string, record any, write apikey.Write, read func() (any, error)) bool {
		if err := th.commit(write); err != nil {
			if apikey.KindOf(err) != apikey.Permanent {
				th.Errorf("%s %d: %v", kind, th.round, err)
			}
			return false
		}
		th.stored[kind]++
		if got, err := read(); err != nil || !reflect.DeepEqual(got, asRead(record)) {
			th.Errorf("%s: written\n%.2000v\nread\n%.2000v, %v", kind, fmt.Sprintf("%+v", asRead(record)), fmt.Sprintf("%+v", got), err)
		}
		return true
	}
	outcome := w.outcome()
	outcome.Version = 1
	kept("outcome", outcome, apikey.PutOutcome{Outcome: outcome}, func() (any, error) { return outcomeReader(outcome)(th.store) })
	made := kept("organization", org, apikey.CreateOrganization{Organization: org}, func() (any, error) { return th.store.Organization(ctx, org.ID) })
	if made {
		kept("status", status, apikey.ReplaceStatus{Before: apikey.Status{Version: 1}, After: status}, func() (any, error) { return th.store.Status(ctx, org.ID) })
	}
	kept("pepper", pepper, apikey.CreatePepper{Pepper: pepper}, func() (any, error) {
		peppers, err := th.store.Peppers(ctx)
		for _, p := range peppers {
			if p.Version == pepper.Version {
				return p, err
			}
		}
		return nil, err
	})
}
