package apigw_test

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

type wirePolicy struct {
	ID, Name, Description, CreatedOn, LastModifiedOn string
	Permissions                                      []string
	KeyCount                                         int
	CreatedBy, LastModifiedBy                        map[string]string
}

// A policy is created, shown, listed, changed only with the right version, and
// deleted. Its key shows it by id and name.
func TestLifeOfAPolicy(t *testing.T) {
	s := newStage(t)
	created := s.call("create-policy", s.event("create-policy", "", `{"name":"Readers","description":"d","permissions":["ViewTables","ViewTables"]}`))
	policy := decode[wirePolicy](t, created.Body)
	if created.StatusCode != 201 || created.Headers["ETag"] != `"1"` || created.Headers["Location"] != "/v1/policies/"+policy.ID || strings.Join(policy.Permissions, " ") != "ViewTables" {
		t.Fatalf("%d %v %s", created.StatusCode, created.Headers, created.Body)
	}
	s.refused(s.call("create-policy", s.event("create-policy", "", `{"name":"Readers","permissions":["ViewTables"]}`)), 409, "POLICY_NAME_TAKEN")
	s.refused(s.call("create-policy", s.event("create-policy", "", `{"name":"Empty","permissions":[]}`)), 400, "INVALID_REQUEST")

	key := decode[wireKey](t, s.call("create-apikey", s.event("create-apikey", "", `{"name":"k","policyId":"`+policy.ID+`"}`)).Body)
	if key.PolicyID != policy.ID || key.PolicyName != "Readers" || key.Permissions != nil {
		t.Errorf("the policy's key %+v", key)
	}
	shown := decode[wirePolicy](t, s.call("get-policy", s.event("get-policy", policy.ID, "")).Body)
	list := decode[struct{ Items []wirePolicy }](t, s.call("list-policies", s.event("list-policies", "", "")).Body)
	if shown.KeyCount != 1 || len(list.Items) != 1 || list.Items[0].KeyCount != 1 {
		t.Errorf("shown as %+v, listed as %+v", shown, list)
	}

	event := s.event("update-policy", policy.ID, `{"name":"Writers","permissions":["ManageFiles"],"keyCount":9,"createdBy":null}`)
	event.Headers["If-Match"] = `"2"`
	s.refused(s.call("update-policy", event), 412, "PRECONDITION_FAILED")
	event.Headers["If-Match"] = `"1"`
	changed := s.call("update-policy", event)
	after := decode[wirePolicy](t, changed.Body)
	if changed.StatusCode != 200 || changed.Headers["ETag"] != `"2"` || after.Name != "Writers" || after.Description != "" || after.LastModifiedBy["username"] != s.owner.Email {
		t.Errorf("%d %s", changed.StatusCode, changed.Body)
	}
}

// A policy with keys is deleted, with its keys, once the caller repeats the
// confirmation. The confirmation of another version is not valid.
func TestDeletePolicy(t *testing.T) {
	s := newStage(t)
	policy := s.policy("Readers").ID.String()
	for _, name := range []string{"a", "b"} {
		s.call("create-apikey", s.event("create-apikey", "", `{"name":"`+name+`","policyId":"`+policy+`"}`))
	}
	type inUse struct {
		KeyCount, UserCount *int
		Keys                []struct{ ID, Name string }
		Confirm             string
	}
	response := s.call("delete-policy", s.event("delete-policy", policy, ""))
	s.refused(response, 409, "POLICY_IN_USE")
	use := decode[inUse](t, response.Body)
	if use.KeyCount == nil || *use.KeyCount != 2 || use.UserCount == nil || *use.UserCount != 0 || len(use.Keys) != 2 || use.Confirm == "" {
		t.Errorf("told %s", response.Body)
	}
	s.call("update-policy", s.event("update-policy", policy, `{"name":"Readers","permissions":["ManageFiles"]}`))
	event := s.event("delete-policy", policy, "")
	event.QueryStringParameters = map[string]string{"confirm": use.Confirm}
	again := s.call("delete-policy", event)
	s.refused(again, 409, "POLICY_IN_USE")
	event.QueryStringParameters["confirm"] = decode[inUse](t, again.Body).Confirm
	if deleted := s.call("delete-policy", event); deleted.StatusCode != 204 || deleted.Body != "" {
		t.Errorf("%d %s", deleted.StatusCode, deleted.Body)
	}
	s.refused(s.call("get-policy", s.event("get-policy", policy, "")), 404, "POLICY_NOT_FOUND")
	s.nothingWritten(1)
}

// Keys are found by policy, user, creator and name, with and without paging.
func TestFilteredKeys(t *testing.T) {
	s := newStage(t)
	policy, user := s.policy("Readers").ID.String(), s.user("uma@example.com").ID.String()
	s.call("create-apikey", s.event("create-apikey", "", `{"name":"p","policyId":"`+policy+`"}`))
	s.call("create-apikey", s.event("create-apikey", "", `{"name":"u","type":"personal","onBehalfOf":"`+user+`"}`))
	maker := s.key("maker", "ManageApiKeys").Key
	event := s.event("create-apikey", "", `{"name":"made","permissions":[]}`)
	s.as(&event, maker)
	s.call("create-apikey", event)
	for parameter, want := range map[string]string{
		"policyId=" + policy: "p", "onBehalfOf=" + user: "u", "createdBy=" + maker.ID.String(): "made", "name=maker": "maker",
		"policyId=" + unknownID: "", "name=Maker": "",
	} {
		name, value, _ := strings.Cut(parameter, "=")
		event := s.event("list-apikeys", "", "")
		event.QueryStringParameters = map[string]string{name: value, "limit": "1"}
		list := decode[struct {
			Items      []wireKey
			NextCursor string
		}](t, s.call("list-apikeys", event).Body)
		if got := len(list.Items); got != min(len(want), 1) || got == 1 && list.Items[0].Name != want || list.NextCursor != "" {
			t.Errorf("%s lists %+v", parameter, list)
		}
	}
}

// An error about what is in use counts the keys, and names those alone that the
// caller can see.
func TestInUseNamesVisibleKeysAlone(t *testing.T) {
	s := newStage(t)
	policy := s.policy("p")
	theirs := s.make(apikey.Draft{Name: "payroll export", Policy: policy.ID})
	s.key("tables of the board", "ManageFiles")
	clerk := s.key("clerk", permission.AdministerPolicies, permission.AdministerServices)
	for _, at := range []struct {
		operation, id string
		status        int
	}{{"get-apikey", theirs.Key.ID.String(), 403}, {"delete-policy", policy.ID.String(), 409}, {"delete-service", "demo", 409}} {
		event := s.event(at.operation, at.id, "")
		s.as(&event, clerk.Key)
		got := s.call(at.operation, event)
		if got.StatusCode != at.status || strings.Contains(got.Body, "payroll") || strings.Contains(got.Body, "board") || at.status == 409 && !strings.Contains(got.Body, `"keyCount":`) {
			t.Errorf("%s: %d %s", at.operation, got.StatusCode, got.Body)
		}
	}
}
