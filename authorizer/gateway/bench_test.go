package gateway

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// benchEvent returns a REST API's REQUEST event of 3 kB, as AWS sends it: without
// white space, with a key.
func benchEvent(t testing.TB, key string) []byte {
	t.Helper()
	var compact bytes.Buffer
	text := strings.ReplaceAll(string(load(t, "rest-request")), canary, key)
	cookie := strings.Repeat("c", 300)
	text = strings.Replace(text, `"Host": "`, `"Cookie": "`+cookie+`", "Host": "`, 1)
	text = strings.Replace(text, `"Host": [`, `"Cookie": ["`+cookie+`"], "Host": [`, 1)
	if err := json.Compact(&compact, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if size := compact.Len(); size < 3000 || size > 3400 {
		t.Fatalf("the event has %d bytes", size)
	}
	return compact.Bytes()
}

// stock answers the event as most authorizers in Go do: with aws-lambda-go's
// types, encoding/json, a new HMAC, and a map of digests.
func stock(payload, pepper []byte, digests map[[sha256.Size]byte]string) ([]byte, error) {
	var e events.APIGatewayCustomAuthorizerRequestTypeRequest
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, pepper)
	_, _ = mac.Write([]byte(strings.TrimPrefix(e.Headers["Authorization"], "Bearer ")))
	id, known := digests[[sha256.Size]byte(mac.Sum(nil))]
	if !known {
		return nil, errors.New("Unauthorized")
	}
	return json.Marshal(events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: id,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{Version: "2012-10-17", Statement: []events.IAMPolicyStatement{
			{Action: []string{"execute-api:Invoke"}, Effect: "Allow", Resource: []string{e.MethodArn}},
		}},
		Context: map[string]any{"orgId": "acme", "keyId": id, "keyType": "personal", "userId": id, "permissions": "AdministerApiKeys ManageApiKeys"},
	})
}

func newStock(key string) (pepper []byte, digests map[[sha256.Size]byte]string) {
	pepper = []byte("0123456789abcdef0123456789abcdef")
	mac := hmac.New(sha256.New, pepper)
	_, _ = mac.Write([]byte(key))
	return pepper, map[[sha256.Size]byte]string{[sha256.Size]byte(mac.Sum(nil)): keyIDText}
}

// BenchmarkStock measures a cached decision in the stock way.
func BenchmarkStock(b *testing.B) {
	key := canary + strings.Repeat("x", 50)
	pepper, digests := newStock(key)
	payload := benchEvent(b, key)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stock(payload, pepper, digests); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCached measures the same decision by the handler with the verifier.
func BenchmarkCached(b *testing.B) {
	h := newHouse(b)
	payload := benchEvent(b, h.admin.Text.Reveal())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := h.handler.Invoke(b.Context(), payload); err != nil {
			b.Fatal(err)
		}
	}
}

// Reading a usual event and writing its answer takes three allocations, for any
// number of headers.
func TestEventAllocations(t *testing.T) {
	payload, d := benchEvent(t, canary+strings.Repeat("x", 50)), allowed("/v1/apikeys")
	got := testing.AllocsPerRun(100, func() {
		e := eventPool.Get().(*event)
		shape, asked, err := e.read(payload, false)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := shape.answer(make([]byte, 0, answerSize), asked, d); err != nil {
			t.Fatal(err)
		}
		e.release()
	})
	if got > 3 {
		t.Errorf("%v allocations", got)
	}
}

// BenchmarkEvent measures only reading the event and writing the answer.
func BenchmarkEvent(b *testing.B) {
	payload, d := benchEvent(b, canary+strings.Repeat("x", 50)), allowed("/v1/apikeys")
	b.ReportAllocs()
	for b.Loop() {
		e := eventPool.Get().(*event)
		shape, asked, err := e.read(payload, false)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := shape.answer(make([]byte, 0, answerSize), asked, d); err != nil {
			b.Fatal(err)
		}
		e.release()
	}
}
