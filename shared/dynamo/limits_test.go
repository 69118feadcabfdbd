package dynamo_test

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

const account = "123456789012"

// full is an organization in DynamoDB that has as many permissions as it can
// have.
type full struct {
	*testing.T
	keys  *apikey.Rules
	store *dynamo.Store
	// owner is an OWNER's key.
	owner apikey.Caller
	// declared holds the accepted names of each service.
	declared [][]string
}

// newFull registers services, each with that many names of that length, until
// one is refused. It fails the test unless the error names the limit.
func newFull(t *testing.T, perService, length int) *full {
	store := dynamo.New(dynamodb.Client(server.URL), newTables(t))
	keys, owner := rules(t, store)
	f := &full{T: t, keys: keys, store: store, owner: owner}
	f.must(keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: acme, KeyPrefix: "kw", OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "admin", Accounts: []string{account},
	}))
	for n := 0; ; n++ {
		var names []string
		for i := range perService {
			name := fmt.Sprintf("S%d.N%d.", n, i)
			names = append(names, name+strings.Repeat("x", max(0, length-len(name))))
		}
		_, _, err := keys.PutService(t.Context(), owner, serviceName(n), 0, declaring(names), false)
		if err != nil {
			f.tooLarge("permissions", apikey.MaxOrganizationRecord, err)
			return f
		}
		f.declared = append(f.declared, names)
	}
}

func serviceName(n int) string { return fmt.Sprint("service-", n) }

// declaring returns a service that declares names and nothing else.
func declaring(names []string) apikey.ServiceDraft {
	draft := apikey.ServiceDraft{Name: "Service"}
	for _, name := range names {
		draft.Permissions = append(draft.Permissions, apikey.Permission{Name: name})
	}
	return draft
}

func (f *full) must(_ any, err error) {
	f.Helper()
	if err != nil {
		f.Fatal(err)
	}
}

// eventually repeats do while it is Unavailable, as it can be on a loaded
// machine.
func (f *full) eventually(do func() error) {
	f.Helper()
	await.Until(f, "a slow machine completes the call", func() bool {
		err := do()
		if err != nil && apikey.KindOf(err) != apikey.Unavailable {
			f.Fatal(err)
		}
		return err == nil
	})
}

// settings returns an edit of an organization's settings.
func settings(name, prefix string, maxKeys int) apikey.SettingsEdit {
	return apikey.SettingsEdit{Name: &name, KeyPrefix: &prefix, MaxKeys: &maxKeys}
}

// tooLarge fails the test unless err is about that field and names the limit.
func (f *full) tooLarge(field string, limit int, err error) {
	f.Helper()
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != field ||
		!strings.Contains(e.Fields[0].Detail, fmt.Sprint(limit)) {
		f.Fatalf("error %+v, want one about %s that names the limit of %d", err, field, limit)
	}
	f.Log(e.Fields[0].Detail)
}

// An organization accepts short and long permission names up to its limit, and
// then an error names the limit. Later changes of its record still fit: it is
// suspended and resumed, it gets an OWNER and loses one, and its names are
// withdrawn.
func TestFullOrganization(t *testing.T) {
	for name, length := range map[string]int{"short names": 8, "long names": 64} {
		t.Run(name, func(t *testing.T) {
			f := newFull(t, 500, length)
			org, err := f.store.Organization(t.Context(), acme)
			f.must(org, err)
			t.Logf("%d services of 500 names, %d bytes", len(f.declared), f.store.Size(org))
			suspension := apikey.Suspension{Organization: acme, Suspended: true, Reason: strings.Repeat("r", 191)}
			f.must(f.keys.Suspend(t.Context(), suspension))
			suspension.Suspended = false
			f.must(f.keys.Suspend(t.Context(), suspension))
			user, err := f.keys.CreateUser(t.Context(), f.owner, apikey.UserDraft{Email: "second@example.com", Name: "Second", Role: apikey.RoleOwner})
			f.must(user, err)
			f.must(nil, f.keys.DeleteUser(t.Context(), f.owner, user.ID, 0))
			f.must(f.keys.ChangeSettings(t.Context(), f.owner, 0, settings(strings.Repeat("n", 191), "kwkwkwkw", 1_000_000)))
			// Permissions that are being withdrawn still count towards the
			// limit.
			for i := range f.declared {
				f.must(f.keys.DeleteService(t.Context(), f.owner, serviceName(i), 0, true))
			}
			org, err = f.store.Organization(t.Context(), acme)
			f.must(org, err)
			t.Logf("%d names are being withdrawn, %d bytes", len(org.Withdrawn), f.store.Size(org))
			later := f.keys.Now().Add(time.Minute)
			f.keys.Now = func() time.Time { return later }
			f.must(f.keys.Sweep(t.Context()))
			if org, err = f.store.Organization(t.Context(), acme); err != nil || len(org.Withdrawn) > 0 {
				t.Errorf("%d names are left, %v", len(org.Withdrawn), err)
			}
		})
	}
}

// The largest policy is created, changed repeatedly, and deleted; so is the
// largest user.
func TestFullPolicy(t *testing.T) {
	f := newFull(t, 400, 64)
	all := slices.Concat(f.declared...)
	if len(all) < 3200 {
		t.Fatalf("%d names", len(all))
	}
	draft := apikey.PolicyDraft{Name: "large", Permissions: permission.NewSet(all[:3200]...)}
	policy, err := f.keys.CreatePolicy(t.Context(), f.owner, draft)
	f.must(policy, err)
	t.Logf("a policy of 3200 names takes %d bytes", f.store.Size(policy))
	user := apikey.UserDraft{Email: "large@example.com", Name: "Large", Role: apikey.RoleMember, Permissions: draft.Permissions}
	made, err := f.keys.CreateUser(t.Context(), f.owner, user)
	f.must(made, err)
	for i := range 4 {
		draft.Permissions = permission.NewSet(all[i*40 : 3160+i*40]...)
		user.Permissions = draft.Permissions
		f.must(f.keys.ReplacePolicy(t.Context(), f.owner, policy.ID, 0, draft))
		f.must(f.keys.ReplaceUser(t.Context(), f.owner, made.ID, 0, user))
	}
	f.must(nil, f.keys.DeletePolicy(t.Context(), f.owner, policy.ID, 0, ""))
	f.must(nil, f.keys.DeleteUser(t.Context(), f.owner, made.ID, 0))
}

// The largest services, with one API and with many, are registered, changed and
// deleted. With one more route, the error names the limit, long before DynamoDB
// refuses it.
func TestFullService(t *testing.T) {
	f := newFull(t, 500, 64)
	f.eventually(func() error {
		_, err := f.keys.DeleteService(t.Context(), f.owner, serviceName(0), 0, true)
		return err
	})
	for apis, limit := range map[int]int{1: apikey.MaxServiceRecord, 9: apikey.MaxServiceRecord, 10: apikey.MaxServiceRecords, 20: apikey.MaxServiceRecords} {
		put := func(routes int) error {
			_, _, err := f.keys.PutService(t.Context(), f.owner, "files", 0, guarding(apis, routes), false)
			return err
		}
		for n := range 2 { // the second time it also says who changed it
			f.eventually(func() error { return put(1 + n) })
		}
		largest, err := f.store.RegisteredService(t.Context(), acme, "files")
		f.must(largest, err)
		routes := sort.Search(apikey.MaxServiceRoutes, func(n int) bool {
			next := largest
			next.Version, next.Routes = 9, guarding(apis, n+1).Routes
			size := f.store.Size(next)
			return size > apikey.MaxServiceRecord || size*(apis+1) > apikey.MaxServiceRecords
		})
		f.eventually(func() error { return put(routes) })
		largest, err = f.store.RegisteredService(t.Context(), acme, "files")
		f.must(largest, err)
		t.Logf("%d APIs: %d routes, %d bytes, %d together", apis, routes, f.store.Size(largest), (apis+1)*f.store.Size(largest))
		field := "routes"
		if limit == apikey.MaxServiceRecords {
			field = "apis"
		}
		f.tooLarge(field, limit, put(routes+1))
		f.eventually(func() error { _, err := f.keys.DeleteService(t.Context(), f.owner, "files", 0, true); return err })
	}
}

// guarding returns a service with that many APIs and routes, some of them
// large.
func guarding(apis, routes int) apikey.ServiceDraft {
	draft := apikey.ServiceDraft{Name: "Files"}
	for i := range apis {
		draft.APIs = append(draft.APIs, routing.API{Account: account, ID: fmt.Sprint("a", i)})
	}
	for i := range routes {
		draft.Routes = append(draft.Routes, routing.Route{
			Method: "GET", Path: fmt.Sprintf("/%06d", i), Permissions: slices.Repeat([]string{"ViewAuditEvents"}, 1+i%60),
		})
	}
	return draft
}

// A user with the most and largest personal keys becomes an OWNER and is
// removed, in a full organization, by a caller with a large policy: these are
// the largest changes possible.
func TestFullUser(t *testing.T) {
	f := newFull(t, 400, 64)
	all := slices.Concat(f.declared...)
	f.must(f.keys.ChangeSettings(t.Context(), f.owner, 0, settings("", "kw", 100)))
	policy, err := f.keys.CreatePolicy(t.Context(), f.owner, apikey.PolicyDraft{Name: "large", Permissions: permission.NewSet(all[:3200]...)})
	f.must(policy, err)
	draft := apikey.UserDraft{
		Email: "large@example.com", Name: "Large", Role: apikey.RoleMember, Permissions: permission.NewSet(all[len(all)-3200:]...), Policy: policy.ID,
	}
	user, err := f.keys.CreateUser(t.Context(), f.owner, draft)
	f.must(user, err)
	var key apikey.Minted
	for i := range apikey.MaxPersonalKeys {
		key, err = f.keys.Create(t.Context(), f.owner, apikey.Draft{
			Name: fmt.Sprint("key ", i), Type: apikey.TypePersonal, OnBehalfOf: user.ID, Narrowed: true, Permissions: permission.NewSet(all[:1180]...),
		})
		f.must(key, err)
	}
	t.Logf("%d keys of %d bytes", apikey.MaxPersonalKeys, f.store.Size(key.Key))
	draft.Role = apikey.RoleOwner
	f.eventually(func() error {
		_, err := f.keys.ReplaceUser(t.Context(), f.owner, user.ID, 0, draft)
		return err
	})
	f.eventually(func() error { return f.keys.DeleteUser(t.Context(), f.owner, user.ID, 0) })
}

// An organization whose record is as large as DynamoDB allows can be suspended
// and resumed, even if an earlier version stored it and it has no status item
// yet.
func TestSuspendTheLargest(t *testing.T) {
	for name, drop := range map[string][]string{"of this version": nil, "of an earlier version": {"suspended", "representative"}} {
		t.Run(name, func(t *testing.T) {
			client, tables := dynamodb.Client(server.URL), newTables(t)
			store := dynamo.New(client, tables)
			keys, _ := rules(t, store)
			at := attributes{"pk": textValue("ORG#acme"), "sk": textValue("ORG")}
			found, err := client.GetItem(t.Context(), &awsdynamodb.GetItemInput{TableName: &tables.Table, Key: at})
			if err != nil {
				t.Fatal(err)
			}
			for _, attribute := range drop {
				delete(found.Item, attribute)
			}
			if drop != nil {
				at["sk"] = textValue("STATUS")
				if _, err := client.DeleteItem(t.Context(), &awsdynamodb.DeleteItemInput{TableName: &tables.Table, Key: at}); err != nil {
					t.Fatal(err)
				}
			}
			found.Item["padding"] = textValue("")
			found.Item["padding"] = textValue(strings.Repeat("x", dynamo.MaxItemBytes-dynamo.ItemSize(found.Item)))
			if _, err := client.PutItem(t.Context(), &awsdynamodb.PutItemInput{TableName: &tables.Table, Item: found.Item}); err != nil {
				t.Fatal(err)
			}
			for _, suspended := range []bool{true, false, true} {
				if _, err := keys.Suspend(t.Context(), apikey.Suspension{Organization: acme, Suspended: suspended, Reason: "a test"}); err != nil {
					t.Fatal(err)
				}
				if status, err := store.Status(t.Context(), acme); err != nil || status.Suspended != suspended {
					t.Errorf("%+v, %v", status, err)
				}
			}
		})
	}
}
