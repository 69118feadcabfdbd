package identity_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/identity"
)

// contextOf returns the context of a caller who holds permissions.
func contextOf(permissions string) map[string]any {
	return map[string]any{
		"orgId": "demo", "keyId": "94d470ba-700e-4034-ad17-4326aa3493a2", "keyType": "personal",
		"userId": "22ba1c3a-8b16-476a-b845-520bd2d51786", "permissions": permissions,
	}
}

// Each kind of API has the context in a different place, beside other values;
// all are parsed alike.
func TestShapes(t *testing.T) {
	const said = `"orgId":"demo","keyId":"94d470ba-700e-4034-ad17-4326aa3493a2","keyType":"service","userId":"","permissions":"A B"`
	for shape, c := range map[string]struct {
		event string
		place []string
	}{
		"REST":      {`{"requestContext":{"authorizer":{"principalId":"p","integrationLatency":4,` + said + `}}}`, []string{"requestContext", "authorizer"}},
		"HTTP 2.0":  {`{"requestContext":{"authorizer":{"lambda":{` + said + `}}}}`, []string{"requestContext", "authorizer", "lambda"}},
		"WebSocket": {`{"requestContext":{"connectionId":"c","authorizer":{"principalId":"p",` + said + `}}}`, []string{"requestContext", "authorizer"}},
		"AppSync":   {`{"identity":{"resolverContext":{` + said + `}}}`, []string{"identity", "resolverContext"}},
	} {
		var context map[string]any
		if err := json.Unmarshal([]byte(c.event), &context); err != nil {
			t.Fatal(err)
		}
		for _, name := range c.place {
			context = context[name].(map[string]any)
		}
		i, err := identity.From(context)
		if err != nil || i.OrgID != "demo" || i.KeyID != "94d470ba-700e-4034-ad17-4326aa3493a2" || i.KeyType != "service" || i.UserID != "" {
			t.Errorf("%s: %+v, %v", shape, i, err)
		}
		if !i.Has("A") || !i.Has("B") || i.Has("A B") || i.Has("") {
			t.Errorf("%s: permissions %+v", shape, i.Permissions)
		}
	}
}

// A context that is missing, incomplete, or about nobody is an error that names
// every fault. It never becomes a caller without permissions.
func TestFromRefuses(t *testing.T) {
	changed := func(members ...any) map[string]any {
		context := contextOf("A")
		for i := 0; i < len(members); i += 2 {
			name := members[i].(string)
			if context[name] = members[i+1]; members[i+1] == nil {
				delete(context, name)
			}
		}
		return context
	}
	for name, c := range map[string]struct {
		context map[string]any
		names   string
	}{
		"nothing":               {nil, "orgId, keyId, keyType, userId, permissions"},
		"another authorizer's":  {map[string]any{"principalId": "user", "orgId": 7}, "orgId, keyId, keyType, userId, permissions"},
		"the map around it":     {map[string]any{"lambda": contextOf("A")}, "orgId"},
		"no permissions":        {changed("permissions", nil), "permissions"},
		"a list of permissions": {changed("permissions", []any{"A"}), "permissions"},
		"malformed permissions": {changed("permissions", "A,B"), "permissions"},
		"another case":          {map[string]any{"OrgId": "demo", "keyId": "k", "keyType": "service", "userId": "", "permissions": ""}, "orgId"},
		"no organization":       {changed("orgId", ""), "nobody"},
		"a key of no type":      {changed("keyType", ""), "nobody"},
		"a type of no key":      {changed("keyId", ""), "nobody"},
		"a refused request's":   {map[string]any{"code": "PERMISSION_MISSING"}, "orgId"},
		"a default of nobody":   {changed("userByDefault", "true", "userId", ""), "nobody"},
		"an unknown default":    {changed("userByDefault", "yes"), "userByDefault"},
		"a boolean":             {changed("userByDefault", true), "userByDefault"},
		"neither key nor user":  {map[string]any{"orgId": "demo", "keyId": "", "keyType": "", "userId": "", "permissions": "A"}, "nobody"},
	} {
		i, err := identity.From(c.context)
		if !errors.Is(err, identity.ErrContext) || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: error %v, want one that names %s", name, err, c.names)
		}
		if i.OrgID != "" || i.Has("A") || i.Has("") {
			t.Errorf("%s: %+v", name, i)
		}
	}
}

// A caller with an access token has no key; a service key has no user.
func TestKeylessAndUserless(t *testing.T) {
	token := contextOf("A")
	token["keyId"], token["keyType"] = "", ""
	service := contextOf("A")
	service["userId"] = ""
	for _, context := range []map[string]any{token, service} {
		before := maps.Clone(context)
		if i, err := identity.From(context); err != nil || !i.Has("A") {
			t.Errorf("%v: %+v, %v", context, i, err)
		}
		if !maps.Equal(before, context) {
			t.Error("the context was changed")
		}
	}
}

// A default user is distinguished from one who acts; one who acts needs no mark.
func TestUserByDefault(t *testing.T) {
	for value, want := range map[any]bool{nil: false, "": false, "true": true} {
		context := contextOf("A")
		if value != nil {
			context["userByDefault"] = value
		}
		if i, err := identity.From(context); err != nil || i.UserByDefault != want || i.UserID == "" {
			t.Errorf("%v: %+v, %v", value, i, err)
		}
	}
}

// The zero Identity may do nothing.
func TestZero(t *testing.T) {
	if i := (identity.Identity{}); i.Has("") || i.Has("A") {
		t.Errorf("%+v holds something", i)
	}
}
