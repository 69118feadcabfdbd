package roles

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// guarded returns a guard in front of two parts that answer every request with
// their names.
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
		DynamoDB: part("dynamodb"), KMS: part("kms"), Table: "t", Region: "r", Other: "o",
		Tables: map[string]operations.Resource{"t": operations.Table, "a": operations.AuditTable, "s": operations.SecretsTable, "p": operations.Replicas},
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

// A function may do what its role allows, like the deployed one. Every other
// action, table, index, kind of items, key and encryption context is refused.
func TestRoles(t *testing.T) {
	url, logged := guarded(t)
	const dynamodb, kms = "DynamoDB_20120810.", "TrentService."
	const sealing = `{"KeyId":"copies","EncryptionContext":{"service":"keyward","purpose":"recoverable-key","key":"k"}}`
	const answering = `{"KeyId":"copies","EncryptionContext":{"service":"keyward","purpose":"idempotent-answer","key":"k"}}`
	get := func(table, partition string) string { return `{"TableName":"` + table + `",` + key(partition) + `}` }
	batch := func(partitions ...string) string { return `{"RequestItems":{` + reads("t", partitions...) + `}}` }
	query := func(table, index, condition, partition string) string {
		return `{"TableName":"` + table + `",` + index + `"KeyConditionExpression":"` + condition + `","ExpressionAttributeValues":{":p":{"S":"` + partition + `"}}}`
	}
	write := func(items ...string) string { return `{"TransactItems":[` + strings.Join(items, ",") + `]}` }
	audit := put("a", "ORG#o")
	const listing = `"IndexName":"listing",`
	for _, c := range []struct {
		function, target, body string
		allowed                bool
	}{
		{"authorizer", dynamodb + "BatchGetItem", batch("KEY#1"), true},
		{"authorizer", dynamodb + "BatchGetItem", batch("KEY#1", "API#1#2", "ORG#o", "ORG#o"), true},
		{"authorizer", dynamodb + "BatchGetItem", batch("KEY#1", "PEPPER"), false},
		{"authorizer", dynamodb + "BatchGetItem", batch("PENDING", "KEY#1"), false},
		{"authorizer", dynamodb + "BatchGetItem", batch("KEY#1", ""), false},
		{"authorizer", dynamodb + "BatchGetItem", batch(), false},
		{"authorizer", dynamodb + "BatchGetItem", `{"RequestItems":{` + reads("t", "KEY#1") + "," + reads("s", "KEY#1") + `}}`, false},
		{"authorizer", dynamodb + "BatchGetItem", `{"RequestItems":{` + reads("other", "KEY#1") + `}}`, false},
		{"authorizer", dynamodb + "BatchGetItem", `{}`, false},
		{"authorizer", dynamodb + "GetItem", get("t", "ORG#o"), true},
		{"authorizer", dynamodb + "GetItem", get("t", "KEY#1"), false},
		{"authorizer", dynamodb + "GetItem", get("t", "PEPPER"), false},
		{"authorizer", dynamodb + "GetItem", get("s", "KEY#1"), false},
		{"authorizer", dynamodb + "GetItem", get("other", "KEY#1"), false},
		{"authorizer", dynamodb + "GetItem", `{"TableName":"t"}`, false},
		{"authorizer", dynamodb + "Query", query("t", "", "pk = :p", "PEPPER"), true},
		{"authorizer", dynamodb + "Query", query("t", "", "pk = :p AND sk > :p", "PEPPER"), true},
		{"authorizer", dynamodb + "Query", query("t", "", "sk = :p", "PEPPER"), false},
		{"authorizer", dynamodb + "Query", query("t", "", "pk = :p", "ORG#o"), false},
		{"authorizer", dynamodb + "Query", query("t", listing, "lpk = :p", "ORG#o"), false},
		{"authorizer", dynamodb + "Scan", `{"TableName":"t"}`, false},
		{"authorizer", dynamodb + "TransactWriteItems", write(audit), false},
		{"authorizer", dynamodb + "TransactWriteItems", write(), false},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers","EncryptionContext":{"service":"keyward","table":"t","version":"1"}}`, true},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers","EncryptionContext":{"service":"keyward","table":"u"}}`, false},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers","EncryptionContext":{"service":"keyward","table":"t"}}`, false},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers","EncryptionContext":{"service":"keyward","table":"t","version":"1","more":"1"}}`, false},
		{"authorizer", kms + "Decrypt", `{"KeyId":"peppers"}`, false},
		{"authorizer", kms + "Decrypt", `{}`, false},
		{"authorizer", kms + "Decrypt", sealing, false},
		{"list-permissions", dynamodb + "BatchGetItem", batch("KEY#1", "ORG#o"), true},
		{"list-permissions", dynamodb + "BatchGetItem", batch("KEY#1", "API#1#2"), false},
		{"list-permissions", dynamodb + "GetItem", get("t", "ORG#o"), false},
		{"reveal-apikey", dynamodb + "GetItem", get("s", "KEY#1"), true},
		{"reveal-apikey", dynamodb + "GetItem", get("s", "ORG#o"), false},
		{"get-apikey-propagation", dynamodb + "BatchGetItem", `{"RequestItems":{` + reads("p", "KEY#1") + `}}`, true},
		{"get-apikey-propagation", dynamodb + "BatchGetItem", `{"RequestItems":{` + reads("p", "ORG#o") + `}}`, false},
		{"get-apikey", dynamodb + "BatchGetItem", `{"RequestItems":{` + reads("p", "KEY#1") + `}}`, false},
		{"reveal-apikey", dynamodb + "BatchGetItem", `{"RequestItems":{` + reads("s", "KEY#1") + `}}`, false},
		{"list-permissions", dynamodb + "Query", query("t", "", "pk = :p", "PEPPER"), false},
		{"list-apikeys", dynamodb + "Query", query("t", listing, "lpk = :p", "ORG#o"), true},
		{"list-apikeys", dynamodb + "Query", query("t", listing, "lpk = :p", "KEY#1"), false},
		{"list-apikeys", dynamodb + "Query", query("t", `"IndexName":"other",`, "lpk = :p", "ORG#o"), false},
		{"list-apikeys", dynamodb + "Query", query("t", "", "pk = :p", "ORG#o"), false},
		{"list-audit-events", dynamodb + "Query", query("a", "", "pk = :p", "ORG#o"), true},
		{"list-audit-events", dynamodb + "Query", query("a", "", "pk = :p", "KEY#1"), false},
		{"update-organization", dynamodb + "TransactWriteItems", write(`{"Update":{"TableName":"t",`+key("ORG#o")+`}}`, audit), true},
		{"update-organization", dynamodb + "TransactWriteItems", write(`{"Update":{"TableName":"t",`+key("KEY#1")+`}}`, audit), false},
		{"update-organization", dynamodb + "TransactWriteItems", write(`{"ConditionCheck":{"TableName":"t",`+key("KEY#1")+`}}`, audit), true},
		{"update-organization", dynamodb + "TransactWriteItems", write(`{"Update":{"TableName":"t",`+key("ORG#o")+`}}`, put("a", "KEY#1")), false},
		{"update-organization", dynamodb + "TransactWriteItems", write(`{"Update":{"TableName":"t",`+key("ORG#o")+`}}`, `{"Update":{"TableName":"t"}}`), false},
		{"update-organization", dynamodb + "PutItem", `{"TableName":"a","Item":{"pk":{"S":"ORG#o"}}}`, false},
		// Put into three tables, in each way in which IAM may check it.
		{"create-apikey", dynamodb + "TransactWriteItems", write(put("t", "KEY#1"), put("t", "ORG#o"), put("s", "KEY#1"), audit), true},
		{"create-apikey", dynamodb + "TransactWriteItems", write(put("t", "KEY#1"), put("s", "PEPPER"), audit), false},
		{"delete-policy", dynamodb + "TransactWriteItems", write(put("t", "PENDING"), audit), true},
		{"delete-policy", dynamodb + "TransactWriteItems", write(put("t", "PENDING"), put("t", "KEY#1"), audit), false},
		{"update-organization", dynamodb + "TransactWriteItems", write(`{"Update":{"TableName":"a",` + key("ORG#o") + `}}`), false},
		{"update-organization", dynamodb + "TransactWriteItems", write(`{"Delete":{"TableName":"a",` + key("ORG#o") + `}}`), false},
		{"update-organization", dynamodb + "PutItem", `{"TableName":"t","Item":{"pk":{"S":"ORG#o"}}}`, false},
		{"reveal-apikey", kms + "Decrypt", sealing, true},
		{"reveal-apikey", kms + "Encrypt", sealing, false},
		{"reveal-apikey", kms + "Decrypt", answering, false},
		{"create-apikey", kms + "Encrypt", answering, true},
		{"create-apikey", kms + "Decrypt", answering, true},
		{"create-apikey", kms + "Decrypt", sealing, false},
		{"create-apikey", kms + "Encrypt", sealing, true},
		{"create-apikey", kms + "Decrypt", sealing, false},
		{"get-openapi", dynamodb + "GetItem", get("t", "KEY#1"), false},
		{"no-such-function", dynamodb + "GetItem", get("t", "KEY#1"), false},
		{"", dynamodb + "GetItem", get("t", "KEY#1"), false},
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

// reads returns a batch's reads of a table.
func reads(table string, partitions ...string) string {
	var keys []string
	for _, partition := range partitions {
		keys = append(keys, `{"pk":{"S":"`+partition+`"},"sk":{"S":"1"}}`)
	}
	return `"` + table + `":{"ConsistentRead":true,"Keys":[` + strings.Join(keys, ",") + `]}`
}

// put returns a put of an item with that partition key into a table.
func put(table, partition string) string {
	return `{"Put":{"TableName":"` + table + `","Item":{"pk":{"S":"` + partition + `"},"sk":{"S":"1"}}}}`
}

// key returns the key of an item with that partition key.
func key(partition string) string { return `"Key":{"pk":{"S":"` + partition + `"},"sk":{"S":"1"}}` }

// A guard records each kind of call once, including refused ones, without ids,
// versions and the deployment's own names. A batch is recorded with all its
// kinds of items, in any order.
func TestCalls(t *testing.T) {
	guard := New(Config{
		DynamoDB: "http://127.0.0.1:1", KMS: "http://127.0.0.1:1", Table: "t", Region: "r",
		Tables: map[string]operations.Resource{"t": operations.Table}, Keys: map[string]operations.Resource{"peppers": operations.PepperKey},
		Log: func(string, string) {},
	})
	server := httptest.NewServer(guard)
	defer server.Close()
	for _, partition := range []string{"PENDING", "API#1#2", "API#3#4"} {
		ask(t, server.URL, "get-user", "DynamoDB_20120810.GetItem", `{"TableName":"t",`+key(partition)+`}`)
	}
	for _, partitions := range [][]string{{"ORG#o", "KEY#1", "ORG#o"}, {"KEY#2", "ORG#p"}} {
		ask(t, server.URL, "get-openapi", "DynamoDB_20120810.BatchGetItem", `{"RequestItems":{`+reads("t", partitions...)+`}}`)
	}
	ask(t, server.URL, "get-user", "TrentService.Decrypt", `{"KeyId":"peppers","EncryptionContext":{"service":"s","table":"t","version":"7"}}`)
	if got := []int{guard.Requests("get-user"), guard.Requests("get-openapi"), guard.Requests("whoami")}; !slices.Equal(got, []int{4, 2, 0}) {
		t.Errorf("requests %v", got)
	}
	var got []string
	for _, call := range guard.Calls() {
		got = append(got, fmt.Sprint(call))
	}
	slices.Sort(got)
	want := []string{
		"{get-openapi {dynamodb:BatchGetItem table map[dynamodb:LeadingKeys:[KEY#* ORG#*]]}}",
		"{get-openapi {kms:Decrypt table-key map[kms:ViaService:[dynamodb.*.amazonaws.com]]}}",
		"{get-user {dynamodb:GetItem table map[dynamodb:LeadingKeys:[API#*]]}}",
		"{get-user {dynamodb:GetItem table map[dynamodb:LeadingKeys:[PENDING]]}}",
		"{get-user {kms:Decrypt pepper-key map[kms:EncryptionContext:service:[s] kms:EncryptionContext:table:[*] kms:EncryptionContext:version:[*] kms:EncryptionContextKeys:[service table version]]}}",
		"{get-user {kms:Decrypt table-key map[kms:ViaService:[dynamodb.*.amazonaws.com]]}}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("calls %q", got)
	}
}

// If a part is down, the connection breaks: an outage is not a refusal.
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

// A transaction is checked against a role in each of the three ways in which IAM
// may check it. It fails for statements that satisfy only one of them.
func TestPooled(t *testing.T) {
	in := func(resource, key string) iam.Request {
		return iam.Request{Action: "put", Resource: resource, Context: map[string][]string{
			operations.LeadingKeys: {key}, operations.EnclosingOperation: {operations.TransactWriteItems},
		}}
	}
	alone := []iam.Request{in("t", "A"), in("t", "B"), in("u", "C"), {Action: "get", Resource: "t", Context: map[string][]string{operations.LeadingKeys: {"D"}}}}
	allows := func(resource string, keys ...string) iam.Statement {
		return iam.Statement{Actions: []string{"put"}, Resources: []string{resource}, Conditions: iam.Conditions{iam.AllStringsLike: {operations.LeadingKeys: keys}}}
	}
	for _, c := range []struct {
		role iam.Policy
		want int // how many of the four pooled requests
	}{
		{iam.Policy{allows("t", "A"), allows("t", "B"), allows("u", "C")}, 1},
		{iam.Policy{allows("t", "A", "B"), allows("u", "C")}, 2},
		{iam.Policy{allows("t", "A", "B", "C"), allows("u", "C")}, 3},
		{iam.Policy{allows("t", "A", "B", "C"), allows("u", "A", "B", "C")}, 4},
	} {
		got := 0
		for _, request := range pooled(alone) {
			if c.role.Allows(request) {
				got++
			}
		}
		if len(pooled(alone)) != 4 || got != c.want {
			t.Errorf("%v allows %d of %v, want %d", c.role, got, pooled(alone), c.want)
		}
	}
}
