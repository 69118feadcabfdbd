package gateway

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/identity"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
	"github.com/keyward/keyward/shared/verify"
)

// The appended context equals encoding/json's, byte for byte: for any text, any
// number of permissions, with and without ids and a default user.
func TestContextIsJSON(t *testing.T) {
	for _, text := range []string{"", "plain", `quo"te`, `back\slash`, "<script>&", "\x00\x1f\x7f", "é\u2028\u2029", "\xff\xfe", strings.Repeat("x", 5000)} {
		for _, permissions := range []permission.Set{nil, {text}, {"A", text, "B"}} {
			for _, id := range []uuid.UUID{{}, keyID} {
				byDefault, generation := "", ""
				use := verify.Use{Generation: len(permissions)}
				if len(permissions) > 1 {
					byDefault, generation = "true", strconv.Itoa(len(permissions))
				}
				d := verify.Decision{Outcome: verify.Allowed, Identity: verify.Identity{
					Org: apikey.OrgID(text), KeyID: id, KeyType: apikey.KeyType(text), UserID: id, ByDefault: byDefault != "", Permissions: permissions,
				}, Use: use}
				want, err := json.Marshal(struct {
					OrgID         string `json:"orgId"`
					KeyID         string `json:"keyId"`
					KeyType       string `json:"keyType"`
					UserID        string `json:"userId"`
					UserByDefault string `json:"userByDefault,omitempty"`
					KeyGeneration string `json:"keyGeneration,omitempty"`
					Permissions   string `json:"permissions"`
				}{text, id.String(), text, id.String(), byDefault, generation, string(identity.Append(nil, permissions))})
				if got := appendContext([]byte("x"), &d); err != nil || string(got) != "x"+string(want) {
					t.Errorf("got %s\nwant x%s, %v", got, want, err)
				}
			}
		}
		want, _ := json.Marshal(map[string]string{"code": text})
		if got := appendContext(nil, &verify.Decision{Code: verify.Code(text)}); string(got) != string(want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
