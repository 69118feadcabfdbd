package dynamo_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/uuid"
)

// wreck is an organization whose records are damaged one by one.
type wreck struct {
	*testing.T
	client *awsdynamodb.Client
	tables dynamo.Names
	store  *dynamo.Store
	keys   *apikey.Rules
	owner  apikey.Caller
	// now is the rules' time.
	now time.Time
}

func newWreck(t *testing.T) *wreck {
	w := &wreck{T: t, client: dynamodb.Client(server.URL), tables: newTables(t), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.store = dynamo.New(w.client, w.tables)
	w.keys, w.owner = rules(t, w.store)
	w.keys.Now = func() time.Time { return w.now }
	w.keys.Vault = openVault{}
	if _, err := w.keys.Bootstrap(t.Context(), apikey.Setup{
		Organization: acme, KeyPrefix: "kw", OwnerEmail: "owner@example.com", OwnerName: "Owner", AdminKey: "admin", Accounts: []string{account},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.keys.ChangeSettings(t.Context(), w.owner, 0, apikey.SettingsEdit{MaxKeys: aws.Int(1000), Recoverable: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	return w
}

// item returns the record's item; nil if there is none.
func (w *wreck) item(ref apikey.Ref) attributes {
	w.Helper()
	found, err := w.client.GetItem(w.Context(), &awsdynamodb.GetItemInput{TableName: &w.tables.Table, Key: w.tables.KeyOf(ref)})
	if err != nil {
		w.Fatal(err)
	}
	return found.Item
}

// damage makes an attribute of a record unreadable.
func (w *wreck) damage(ref apikey.Ref, attribute string) {
	w.Helper()
	_, err := w.client.UpdateItem(w.Context(), &awsdynamodb.UpdateItemInput{
		TableName: &w.tables.Table, Key: w.tables.KeyOf(ref), UpdateExpression: aws.String("SET #a = :null"),
		ExpressionAttributeNames:  map[string]string{"#a": attribute},
		ExpressionAttributeValues: attributes{":null": &types.AttributeValueMemberNULL{Value: true}},
	})
	if err != nil {
		w.Fatal(err)
	}
}

// attributes returns the names of a record's attributes, except those of
// primary and index keys, which are not damaged.
func (w *wreck) attributes(ref apikey.Ref) []string {
	var names []string
	for name := range w.item(ref) {
		if !slices.Contains([]string{"pk", "sk", "lpk", "lsk"}, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// openVault is a vault that does not encrypt.
type openVault struct{}

func (openVault) Seal(_ context.Context, _ uuid.UUID, text string) ([]byte, error) {
	return []byte(text), nil
}

func (openVault) Open(_ context.Context, _ uuid.UUID, sealed []byte) (string, error) {
	return string(sealed), nil
}

// wrecked is a kind of record. make creates one with a name, and delete deletes
// it.
type wrecked struct {
	make   func(w *wreck, name string) apikey.Ref
	delete func(w *wreck, ref apikey.Ref) error
	// lost lists the attributes without which the record's owner is unknown.
	lost []string
}

var wreckeds = map[string]wrecked{
	"key": {func(w *wreck, name string) apikey.Ref {
		policy, err := w.keys.CreatePolicy(w.Context(), w.owner, apikey.PolicyDraft{Name: name, Permissions: permission.NewSet("ManageApiKeys")})
		if err != nil {
			w.Fatal(err)
		}
		minted, err := w.keys.Create(w.Context(), w.owner, apikey.Draft{Name: name, Policy: policy.ID, Recoverable: true})
		if err != nil {
			w.Fatal(err)
		}
		return apikey.KeyRef(minted.Key.ID)
	}, func(w *wreck, ref apikey.Ref) error { return w.keys.Delete(w.Context(), w.owner, ref.ID, 0) }, []string{"format", "org"}},
	"personal key": {func(w *wreck, name string) apikey.Ref {
		user, err := w.keys.CreateUser(w.Context(), w.owner, apikey.UserDraft{Email: name + "@example.com", Name: name, Role: apikey.RoleMember})
		if err != nil {
			w.Fatal(err)
		}
		minted, err := w.keys.Create(w.Context(), w.owner, apikey.Draft{Name: name, Type: apikey.TypePersonal, OnBehalfOf: user.ID})
		if err != nil {
			w.Fatal(err)
		}
		return apikey.KeyRef(minted.Key.ID)
	}, func(w *wreck, ref apikey.Ref) error { return w.keys.Delete(w.Context(), w.owner, ref.ID, 0) }, []string{"format", "org"}},
	"policy": {func(w *wreck, name string) apikey.Ref {
		policy, err := w.keys.CreatePolicy(w.Context(), w.owner, apikey.PolicyDraft{Name: name, Permissions: permission.NewSet("ManageApiKeys")})
		if err != nil {
			w.Fatal(err)
		}
		if _, err := w.keys.Create(w.Context(), w.owner, apikey.Draft{Name: "of " + name, Policy: policy.ID}); err != nil {
			w.Fatal(err)
		}
		return apikey.PolicyRef(acme, policy.ID)
	}, func(w *wreck, ref apikey.Ref) error {
		return w.keys.ForceDeletePolicy(w.Context(), w.owner, ref.ID, 0)
	}, []string{"format"}},
	"user": {func(w *wreck, name string) apikey.Ref {
		user, err := w.keys.CreateUser(w.Context(), w.owner, apikey.UserDraft{Email: name + "@example.com", Name: name, Role: apikey.RoleOwner})
		if err != nil {
			w.Fatal(err)
		}
		return apikey.UserRef(acme, user.ID)
	}, func(w *wreck, ref apikey.Ref) error { return w.keys.DeleteUser(w.Context(), w.owner, ref.ID, 0) }, []string{"format"}},
	"service": {func(w *wreck, name string) apikey.Ref {
		draft := apikey.ServiceDraft{
			Name: name, Permissions: []apikey.Permission{{Name: "P." + name}}, APIs: []routing.API{{Account: account, ID: "a" + name}},
			Routes: []routing.Route{{Method: "GET", Path: "/"}},
		}
		if _, _, err := w.keys.PutService(w.Context(), w.owner, name, 0, draft, false); err != nil {
			w.Fatal(err)
		}
		return apikey.ServiceRef(acme, name)
	}, func(w *wreck, ref apikey.Ref) error {
		_, err := w.keys.DeleteService(w.Context(), w.owner, ref.Service, 0, true)
		return err
	}, []string{"format"}},
}

// Whatever attribute of a record is damaged, the record can be deleted by its
// id, and one with the same name can be created again. No count is too low, and
// the organization's is exact. A record stays for an operator only if its owner
// or the version that wrote it cannot be determined.
func TestEveryDamageCanBeDeleted(t *testing.T) {
	for kind, r := range wreckeds {
		t.Run(kind, func(t *testing.T) {
			w := newWreck(t)
			first := r.make(w, "first")
			names := w.attributes(first)
			if len(names) < 10 {
				t.Fatalf("attributes %v", names)
			}
			for i, attribute := range names {
				ref := first
				if i > 0 {
					ref = r.make(w, fmt.Sprint("n", i))
				}
				w.damage(ref, attribute)
				err := r.delete(w, ref)
				if slices.Contains(r.lost, attribute) {
					if apikey.KindOf(err) != apikey.Unavailable || w.item(ref) == nil {
						t.Errorf("%s: error %v, want Unavailable", attribute, err)
					}
					continue
				}
				if err != nil {
					t.Errorf("%s: %v", attribute, err)
					continue
				}
				if left := w.item(ref); left != nil {
					t.Errorf("%s: still stored: %v", attribute, left)
				}
			}
			w.wantCounts()
			w.wantNamesFree(kind, len(names))
		})
	}
}

// wantCounts compares the organization's count with its stored keys.
func (w *wreck) wantCounts() {
	w.Helper()
	found, err := w.client.Scan(w.Context(), &awsdynamodb.ScanInput{TableName: &w.tables.Table})
	if err != nil {
		w.Fatal(err)
	}
	there := 0
	for _, item := range found.Items {
		if item["sk"].(*types.AttributeValueMemberS).Value == "KEY" {
			there++
		}
	}
	if org, err := w.store.Organization(w.Context(), acme); err != nil || org.KeyCount != there {
		w.Errorf("the organization counts %d keys of %d, %v", org.KeyCount, there, err)
	}
}

// wantNamesFree creates records with the same names again, except those that
// were not deleted.
func (w *wreck) wantNamesFree(kind string, n int) {
	w.Helper()
	free := 0
	for i := 1; i < n; i++ {
		name := fmt.Sprint("n", i)
		var err error
		switch kind {
		case "key", "personal key":
			_, err = w.keys.Create(w.Context(), w.owner, apikey.Draft{Name: name})
		case "policy":
			_, err = w.keys.CreatePolicy(w.Context(), w.owner, apikey.PolicyDraft{Name: name, Permissions: permission.NewSet("ManageApiKeys")})
		case "user":
			_, err = w.keys.CreateUser(w.Context(), w.owner, apikey.UserDraft{Email: name + "@example.com", Name: name, Role: apikey.RoleMember})
		case "service":
			_, _, err = w.keys.PutService(w.Context(), w.owner, name, 0, apikey.ServiceDraft{Name: name, APIs: []routing.API{{Account: account, ID: "a" + name}}}, false)
		}
		if err == nil {
			free++
		} else if kind := apikey.KindOf(err); kind != apikey.NameTaken && kind != apikey.Unavailable {
			w.Error(err)
		}
	}
	if lost := n - 1 - free; lost > len(wreckeds[kind].lost)+1 {
		w.Errorf("%d names of %d are not free", lost, n-1)
	}
}

// A time that is too late for the time format, which an earlier version could
// store, makes a record damaged. The record stops neither a listing nor the
// deletion of its policy, and it can be deleted.
func TestKeyThatExpiresTooLate(t *testing.T) {
	w := newWreck(t)
	policy, err := w.keys.CreatePolicy(t.Context(), w.owner, apikey.PolicyDraft{Name: "p", Permissions: permission.NewSet("ManageApiKeys")})
	if err != nil {
		t.Fatal(err)
	}
	var refs []apikey.Ref
	for _, name := range []string{"a", "b", "c"} {
		minted, err := w.keys.Create(t.Context(), w.owner, apikey.Draft{Name: name, Policy: policy.ID})
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, apikey.KeyRef(minted.Key.ID))
		_, err = w.client.UpdateItem(t.Context(), &awsdynamodb.UpdateItemInput{
			TableName: &w.tables.Table, Key: w.tables.KeyOf(refs[len(refs)-1]), UpdateExpression: aws.String("SET expiresOn = :late"),
			ExpressionAttributeValues: attributes{":late": textValue("10000-01-01T13:59:59.000Z")},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if page, err := w.keys.List(t.Context(), w.owner, apikey.KeyFilter{}, apikey.Position{}, 10); err != nil || len(page.Keys) != 1 || len(page.Damaged) != 3 {
		t.Errorf("listed %d keys and %d damaged ones, %v", len(page.Keys), len(page.Damaged), err)
	}
	if err := w.keys.Delete(t.Context(), w.owner, refs[0].ID, 0); err != nil {
		t.Error(err)
	}
	if err := w.keys.ForceDeletePolicy(t.Context(), w.owner, policy.ID, 0); err != nil {
		t.Error(err)
	}
	for _, ref := range append(refs, apikey.PolicyRef(acme, policy.ID)) {
		if left := w.item(ref); left != nil {
			t.Errorf("still stored: %v", left)
		}
	}
	w.wantCounts()
}

// A personal key whose user can no longer be read does not prevent the user's
// removal, neither while it is stored nor after its deletion. It does prevent
// the user from becoming an OWNER, with an error that names the key.
func TestUserOfAKeyThatTellsNoUser(t *testing.T) {
	for name, deleted := range map[string]bool{"kept": false, "deleted": true} {
		w := newWreck(t)
		user, err := w.keys.CreateUser(t.Context(), w.owner, apikey.UserDraft{Email: name + "@example.com", Name: "U", Role: apikey.RoleMember})
		if err != nil {
			t.Fatal(err)
		}
		minted, err := w.keys.Create(t.Context(), w.owner, apikey.Draft{Name: name, Type: apikey.TypePersonal, OnBehalfOf: user.ID})
		if err != nil {
			t.Fatal(err)
		}
		w.damage(apikey.KeyRef(minted.Key.ID), "onBehalfOf")
		owner := apikey.RoleOwner
		_, err = w.keys.PatchUser(t.Context(), w.owner, user.ID, 0, apikey.UserEdit{Role: &owner})
		if apikey.KindOf(err) != apikey.InUse || !strings.Contains(err.Error(), minted.Key.ID.String()) {
			t.Errorf("promoted: %v", err)
		}
		if deleted {
			if err := w.keys.Delete(t.Context(), w.owner, minted.Key.ID, 0); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.keys.DeleteUser(t.Context(), w.owner, user.ID, 0); err != nil {
			t.Errorf("the damaged key is %s: the user is not removed: %v", name, err)
		}
	}
}
