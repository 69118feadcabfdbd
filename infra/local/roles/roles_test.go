package roles

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// guarded is a guard before two parts that answer everything with their names.
func guarded(t *testing.T) (url string, logged *atomic.Int32) {
	t.Helper()
	part := func(name string) string {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = io.WriteString(w, name+" "+string(body))
		}))
		t.Cleanup(server.Close)
		return server.URL
	}
	logged = &atomic.Int32{}
	server := httptest.NewServer(New(Config{
		DynamoDB: part("dynamodb"), KMS: part("kms"), Table: "t", Region: "r",
		Tables: map[string]operations.Resource{"t": operations.Table, "a": operations.AuditTable, "s": operations.SecretsTable},
		Keys:   map[string]operations.Resource{"peppers": operations.PepperKey, "copies": operations.SecretsKey},
		Log:    func(string, string) { logged.Add(1) },
	}))
	t.Cleanup(server.Close)
	return server.URL, logged
}

func ask(t *testing.T, url, function, target, body string) (status int, answer string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+function+"/20260102/r/x/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

// A function does what its role allows, as the deployed one would, and is
// refused every other action, table, index, key and encryption context.
func TestRoles(t *testing.T) {
	url, logged := guarded(t)
	const dynamodb, kms = "DynamoDB_20120810.", "TrentService."
	const audit = `{"TransactItems":[{"Update":{"TableName":"t"}},{"Put":{"TableName":"a"}}]}`
	const sealing = `{"KeyId":"copies","EncryptionContext":{"service":"keyward","purpose":"recoverable-key","key":"k"}}`
	for _, c := range []struct {
		function, target, body string
		allowed                bool
	}{
		{"authorizer", dynamodb + "GetItem", `{"TableName":"t"}`, true},
		{"authorizer", dynamodb + "GetItem", `{"TableName":"s"}`, false},
		{"authorizer", dynamodb + "GetItem", `{"TableName":"other"}`, false},
		{"authorizer", dynamodb + "Query", `{"TableName":"t","IndexName":"listing"}`, false},
		{"authorizer", dynamodb + "Scan", `{"TableName":"t"}`, false},
		{"authorizer", dynamodb + "TransactWriteItems", audit, false},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers","EncryptionContext":{"service":"keyward","table":"t","version":"1"}}`, true},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers","EncryptionContext":{"service":"keyward","table":"u"}}`, false},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers"}`, false},
		{"authorizer", kms + "Decrypt", `{}`, false},
		{"authorizer", kms + "Decrypt", sealing, false},
		{"list-apikeys", dynamodb + "Query", `{"TableName":"t","IndexName":"listing"}`, true},
		{"list-apikeys", dynamodb + "Query", `{"TableName":"t"}`, false},
		{"list-audit-events", dynamodb + "Query", `{"TableName":"a"}`, true},
		{"update-organization", dynamodb + "TransactWriteItems", audit, true},
		{"update-organization", dynamodb + "TransactWriteItems", `{"TransactItems":[{"Update":{"TableName":"a"}}]}`, false},
		{"update-organization", dynamodb + "TransactWriteItems", `{"TransactItems":[{"Delete":{"TableName":"a"}}]}`, false},
		{"update-organization", dynamodb + "PutItem", `{"TableName":"t"}`, false},
		{"reveal-apikey", kms + "Decrypt", sealing, true},
		{"reveal-apikey", kms + "Encrypt", sealing, false},
		{"create-apikey", kms + "Encrypt", sealing, true},
		{"create-apikey", kms + "Decrypt", sealing, false},
		{"get-openapi", dynamodb + "GetItem", `{"TableName":"t"}`, false},
		{"no-such-function", dynamodb + "GetItem", `{"TableName":"t"}`, false},
		{"", dynamodb + "GetItem", `{"TableName":"t"}`, false},
		{"authorizer", dynamodb + "GetItem", `not JSON`, false},
		{Operator, dynamodb + "DeleteTable", `{"TableName":"a"}`, true},
	} {
		before := logged.Load()
		status, answer := ask(t, url, c.function, c.target, c.body)
		part := map[bool]string{true: "dynamodb ", false: "kms "}[strings.HasPrefix(c.target, dynamodb)]
		passed := status == http.StatusOK && answer == part+c.body
		refused := status == http.StatusBadRequest && strings.Contains(answer, "AccessDeniedException") && logged.Load() == before+1
		if passed != c.allowed || refused == c.allowed {
			t.Errorf("%s %s %s: %d %s", c.function, c.target, c.body, status, answer)
		}
	}
}

// Where a part is away, the connection breaks: an outage is no refusal.
func TestPartAway(t *testing.T) {
	server := httptest.NewServer(New(Config{
		DynamoDB: "http://127.0.0.1:1", KMS: "http://127.0.0.1:1", Log: func(string, string) {},
		Tables: map[string]operations.Resource{"t": operations.Table},
	}))
	defer server.Close()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(`{"TableName":"t"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem")
	request.Header.Set("Authorization", "Credential=local/x")
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Errorf("answered %s", response.Status)
	}
}
