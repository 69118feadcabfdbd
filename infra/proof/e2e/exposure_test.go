package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/operations"
)

// gitHub publishes one key on the loopback interface, and signs with it.
type gitHub struct {
	server *httptest.Server
	key    *ecdsa.PrivateKey
}

func newGitHub() (*gitHub, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return nil, err
	}
	published, err := json.Marshal(map[string]any{"public_keys": []map[string]any{
		{"key_identifier": "one", "key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), "is_current": true},
	}})
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(published) }))
	return &gitHub{server, key}, nil
}

// sign returns the headers of a signed body.
func (g *gitHub) sign(t *testing.T, body string) []string {
	t.Helper()
	sum := sha256.Sum256([]byte(body))
	signature, err := ecdsa.SignASN1(rand.Reader, g.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return []string{operations.GitHubIdentifierHeader, "one", operations.GitHubSignatureHeader, base64.StdEncoding.EncodeToString(signature)}
}

// A key that anybody, GitHub or GitLab reports is refused within the bound. A
// list whose signature is not of these bytes changes nothing.
func TestExposedKeys(t *testing.T) {
	stranger := admin.Authorized("")
	keys := map[string]stacktest.Key{}
	for _, who := range []string{"anybody", "github", "gitlab", "nobody"} {
		keys[who] = admin.Create(t, "exposed by "+who)
	}
	list := func(who, where string) string {
		return fmt.Sprintf(`[{"token":%q,"type":"gitleaks_rule_id_keyward_api_key","%s":"https://example.com/a"}]`, keys[who].APIKey, where)
	}
	stranger.Do(t, http.MethodPost, "/v1/exposures", fmt.Sprintf(`{"key":%q}`, keys["anybody"].APIKey)).Want(t, http.StatusAccepted)
	matches := list("github", "url")
	stranger.Do(t, http.MethodPost, operations.GitHubExposures, matches, github.sign(t, matches)...).Want(t, http.StatusOK)
	stranger.Do(t, http.MethodPost, operations.GitLabRevocation, list("gitlab", "location")).Want(t, http.StatusNoContent)
	stranger.Do(t, http.MethodPost, operations.GitHubExposures, list("nobody", "url"), github.sign(t, matches)...).Want(t, http.StatusBadRequest)
	committed := time.Now()
	for who, key := range keys {
		status := http.StatusUnauthorized
		if who == "nobody" {
			status = http.StatusOK
		}
		settled(t, committed, func() stacktest.Answer { return admin.With(key.APIKey).Do(t, http.MethodGet, "/v1/whoami", "") }, status)
	}
}
