package clients

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/client"
)

// held is a permission that the admin's key holds.
const held = "ManageFiles"

// Every method about one key reads the real answer.
func TestGoClientKeyAnswers(t *testing.T) {
	ctx, c := t.Context(), goClient(t)
	key := newKey(t, c, client.NewKey{Permissions: []string{held}, ExpiresOn: time.Now().Add(time.Hour)})
	updated, err := c.Keys.Update(ctx, key.ID, client.KeyReplacement{
		Name: key.Name, Permissions: client.Set([]string{held}), ExpiresOn: client.Clear[time.Time](),
	}, &client.UpdateKeyParams{IfMatch: key.ETag})
	if err != nil || !updated.ExpiresOn.IsZero() {
		t.Errorf("update: %+v, %v", updated, err)
	}
	if _, err := c.Keys.Rotate(ctx, key.ID, client.Rotation{OverlapSeconds: new(3600), OverlapFrom: client.OverlapFromNow}, nil); err != nil {
		t.Error(err)
	}
	if err := c.Keys.EndPreviousSecret(ctx, key.ID, nil); err != nil {
		t.Error(err)
	}
	if err := c.Keys.EndPreviousSecret(ctx, key.ID, nil); !errors.Is(err, client.ErrPreviousSecretNotFound) {
		t.Errorf("a second end: %v", err)
	}
	if usage, err := c.Keys.Usage(ctx, key.ID, &client.KeyUsageParams{By: client.BucketHour}); err != nil || usage.By != client.BucketHour {
		t.Errorf("usage: %+v, %v", usage, err)
	}
	if use, err := c.Keys.Permissions(ctx, key.ID); err != nil || len(use.Unused) != 1 {
		t.Errorf("permissions: %+v, %v", use, err)
	}
	if far, err := c.Keys.Propagation(ctx, key.ID); err != nil || far.ID != key.ID || far.Version == 0 {
		t.Errorf("propagation: %+v, %v", far, err)
	}
	if _, err := c.Keys.Reveal(ctx, key.ID); !errors.Is(err, client.ErrNotRecoverable) {
		t.Errorf("reveal: %v", err)
	}
	found := false
	for listed, err := range c.Keys.All(ctx, &client.ListKeysParams{Limit: 1, Sort: client.KeySortName, NeverUsed: new(true), ExpiresBefore: time.Time{}}) {
		if err != nil {
			t.Fatal(err)
		}
		found = found || listed.ID == key.ID
	}
	if !found {
		t.Error("the key is not listed")
	}
}

// A policy and a user are made, read, changed, listed and deleted; a policy with a
// key says what depends on it, and how to confirm.
func TestGoClientOwners(t *testing.T) {
	ctx, c := t.Context(), goClient(t)
	policy, err := c.Policies.Create(ctx, client.NewPolicy{Name: "Go " + rand.Text(), Permissions: []string{held}})
	if err != nil {
		t.Fatal(err)
	}
	newKey(t, c, client.NewKey{PolicyID: policy.ID})
	if policy, err = c.Policies.Patch(ctx, policy.ID, client.PolicyPatch{Description: client.Set("changed")}, nil); err != nil || policy.Description != "changed" {
		t.Errorf("patch: %+v, %v", policy, err)
	}
	if policy, err = c.Policies.Update(ctx, policy.ID, client.NewPolicy{Name: policy.Name, Permissions: []string{held}}, nil); err != nil || policy.Description != "" {
		t.Errorf("update: %+v, %v", policy, err)
	}
	err = c.Policies.Delete(ctx, policy.ID, nil)
	e, ok := errors.AsType[*client.Error](err)
	if !errors.Is(err, client.ErrPolicyInUse) || !ok || e.InUse == nil || e.InUse.Keys != 1 || len(e.InUse.Examples) != 1 {
		t.Fatalf("a policy with a key: %v", err)
	}
	if err := c.Policies.Delete(ctx, policy.ID, &client.DeletePolicyParams{Confirm: e.InUse.Confirm}); err != nil {
		t.Error(err)
	}
	user, err := c.Users.Create(ctx, client.NewUser{Email: rand.Text() + "@example.com", Name: "Erin", Role: client.RoleMember})
	if err != nil {
		t.Fatal(err)
	}
	if user, err = c.Users.Patch(ctx, user.ID, client.UserPatch{Role: client.Set(client.RoleManager)}, &client.PatchUserParams{IfMatch: user.ETag}); err != nil || user.Role != client.RoleManager {
		t.Errorf("user: %+v, %v", user, err)
	}
	for _, err := range c.Users.All(ctx, nil) {
		if err != nil {
			t.Error(err)
		}
	}
	if err := c.Users.Delete(ctx, user.ID, nil); err != nil {
		t.Error(err)
	}
	if _, err := c.Users.Get(ctx, user.ID); !errors.Is(err, client.ErrUserNotFound) {
		t.Errorf("a deleted user: %v", err)
	}
}

// A service is registered once, read, listed and deleted.
func TestGoClientServices(t *testing.T) {
	ctx, c := t.Context(), goClient(t)
	registration := client.ServiceRegistration{Name: "Go", Permissions: []client.ServicePermission{{Name: "ReadGo"}}, Routes: []client.ServiceRoute{{Method: "GET", Path: "/go", Permissions: []string{"ReadGo"}}}}
	once := &client.PutServiceParams{IfNoneMatch: "*"}
	service, err := c.Services.Put(ctx, "go-client", registration, once)
	if err != nil || service.ETag == "" || len(service.Routes) != 1 {
		t.Fatalf("%+v, %v", service, err)
	}
	if _, err := c.Services.Put(ctx, "go-client", registration, once); !errors.Is(err, client.ErrPreconditionFailed) {
		t.Errorf("a second registration: %v", err)
	}
	if catalogue, err := c.Permissions(ctx); err != nil || len(catalogue) < 2 {
		t.Errorf("%+v, %v", catalogue, err)
	}
	for _, err := range c.Services.All(ctx, nil) {
		if err != nil {
			t.Error(err)
		}
	}
	if left, err := c.Services.Delete(ctx, "go-client", nil); err != nil || left.HoldersLeft != 0 {
		t.Errorf("%+v, %v", left, err)
	}
	if _, err := c.Services.Get(ctx, "go-client"); !errors.Is(err, client.ErrServiceNotFound) {
		t.Errorf("a deleted service: %v", err)
	}
}

// The organization, its audit log and use are read; keys are verified in a list and
// introspected; a report of a leak is taken.
func TestGoClientOrganization(t *testing.T) {
	ctx, c := t.Context(), goClient(t)
	org, err := c.Organization.Get(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if org, err = c.Organization.Patch(ctx, client.SettingsPatch{Name: client.Set(org.Name)}, &client.PatchOrganizationParams{IfMatch: org.ETag}); err != nil || org.ETag == "" {
		t.Errorf("%+v, %v", org, err)
	}
	for event, err := range c.AuditEvents.All(ctx, &client.ListAuditEventsParams{Limit: 2, From: time.Now().Add(-time.Hour)}) {
		if err != nil || event.At.IsZero() || event.Action == "" {
			t.Fatalf("%+v, %v", event, err)
		}
	}
	if top, err := c.Usage(ctx, nil); err != nil || top.By != client.BucketDay {
		t.Errorf("%+v, %v", top, err)
	}
	key := newKey(t, c, client.NewKey{Permissions: []string{held}})
	results, err := c.VerifyAll(ctx, []client.Secret{key.APIKey, client.NewSecret("kw_junk")}, client.Question{Permission: held, Explain: true})
	if err != nil || !results[0].Valid || results[0].Explanation == nil || results[1].Code != "CREDENTIAL_MALFORMED" {
		t.Errorf("%+v, %v", results, err)
	}
	shared := newKey(t, c, client.NewKey{Permissions: []string{held}, Type: client.KeyTypeShared})
	if v, err := c.Verify(ctx, shared.APIKey, client.Question{}); err != nil || !v.Valid || v.UserID == "" || !v.UserByDefault || results[0].UserByDefault {
		t.Errorf("a shared key without a user: %+v, %v", v, err)
	}
	if active, err := c.Introspect(ctx, key.APIKey, client.Question{}); err != nil || !active.Active || active.ClientID != key.ID {
		t.Errorf("%+v, %v", active, err)
	}
	if err := c.ReportExposure(ctx, client.NewSecret("kw_nobodyskey"), "pastebin", "https://example.com/raw"); err != nil {
		t.Error(err)
	}
}
