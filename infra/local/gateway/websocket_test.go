package gateway

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/lambda"
)

// dial opens a WebSocket that ends with the test. It returns nil if the
// handshake is refused.
func dial(t *testing.T, url string, header http.Header) (*websocket.Conn, *http.Response) {
	t.Helper()
	socket, res, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: header})
	if res == nil {
		t.Fatal(err)
	}
	if err == nil {
		t.Cleanup(func() { _ = socket.CloseNow() })
	}
	return socket, res
}

var withKey = http.Header{"Authorization": {"Bearer key"}, "X-Many": {"one", "two"}}

// exchange sends a message and returns the answer.
func exchange(t *testing.T, socket *websocket.Conn, message string) string {
	t.Helper()
	if err := socket.Write(t.Context(), websocket.MessageText, []byte(message)); err != nil {
		t.Fatal(err)
	}
	_, answer, err := socket.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return string(answer)
}

// An allowed handshake opens a connection. The authorizer is called once, and
// each message is answered with its context.
func TestWebSocketConversation(t *testing.T) {
	r := newRig(t, nil)
	r.function = func(event []byte) ([]byte, error) {
		body, _ := at(decode(t, event), "body").(string)
		return encode(object{"statusCode": 200, "body": "heard " + body}), nil
	}
	socket, res := dial(t, r.URL+"/socket?room=a&room=b", withKey)
	if res.StatusCode != 101 || res.Header.Get("X-Amzn-Requestid") == "" {
		t.Fatalf("status %d", res.StatusCode)
	}
	if r.functionEvent != nil {
		t.Error("the handshake was sent to the function")
	}
	expect(t, r.authorizerEvent, map[string]any{
		"type": "REQUEST", "methodArn": "arn:aws:execute-api:us-east-1:000000000000:demo-ws/live/$connect",
		"headers.Authorization": "Bearer key", "headers.X-Many": "two", "multiValueHeaders.X-Many": []string{"one", "two"},
		"headers.Upgrade": "websocket", "headers.Connection": "Upgrade", "headers.Sec-Websocket-Version": "13",
		"queryStringParameters": map[string]string{"room": "b"}, "multiValueQueryStringParameters": map[string][]string{"room": {"a", "b"}},
		"stageVariables": map[string]string{}, "path": nil, "resource": nil, "httpMethod": nil, "requestContext.httpMethod": nil,
		"requestContext.routeKey": "$connect", "requestContext.eventType": "CONNECT", "requestContext.messageDirection": "IN",
		"requestContext.apiId": "demo-ws", "requestContext.stage": "live", "requestContext.identity.sourceIp": "127.0.0.1",
		"requestContext.connectionId": res.Header.Get("X-Amzn-Requestid"), "requestContext.accountId": nil,
	})
	for _, message := range []string{"one", "two"} {
		if got := exchange(t, socket, message); got != "heard "+message {
			t.Errorf("answered %q", got)
		}
		expect(t, r.functionEvent, map[string]any{
			"body": message, "isBase64Encoded": false, "requestContext.eventType": "MESSAGE", "requestContext.routeKey": "$default",
			"requestContext.authorizer.orgId": "demo", "requestContext.authorizer.principalId": "p",
			"requestContext.connectionId": res.Header.Get("X-Amzn-Requestid"),
		})
	}
	if n := r.asked.Load(); n != 1 {
		t.Errorf("the authorizer was asked %d times", n)
	}
}

// A refused handshake gets the matching status and opens nothing.
func TestWebSocketRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func([]byte) ([]byte, error)
		header http.Header
		status int
		text   string
	}{
		{"deny", fixed(denyAll), withKey, 403, "Forbidden"},
		{"allow of another route", fixed(`{"principalId":"p","policyDocument":{"Statement":[{"Effect":"Allow","Action":"*","Resource":"arn:aws:execute-api:*:*:*/live/GET/*"}]}}`), withKey, 403, "Forbidden"},
		{"Unauthorized", failing(&lambda.FunctionError{Message: "Unauthorized"}), withKey, 401, "Unauthorized"},
		{"no key", fixed(allowAll), nil, 401, "Unauthorized"},
		{"failure", failing(errors.New("down")), withKey, 500, "Internal Server Error"},
		{"a simple answer", fixed(`{"isAuthorized":true}`), withKey, 500, "Internal Server Error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, nil)
			r.authorizer = c.answer
			socket, res := dial(t, r.URL+"/socket", c.header)
			if socket != nil || res.StatusCode != c.status {
				t.Fatalf("status %d, want %d", res.StatusCode, c.status)
			}
			text := make([]byte, 500)
			n, _ := res.Body.Read(text)
			if body := decode(t, text[:n]); body["message"] != c.text || body["connectionId"] == nil || body["requestId"] == nil {
				t.Errorf("%s", text[:n])
			}
		})
	}
}

// A missing or malformed handshake is a 4xx and opens nothing. If it is missing,
// the authorizer is not called.
func TestNoHandshake(t *testing.T) {
	r := newRig(t, nil)
	if res, _ := r.send("GET", "/socket", ""); res.StatusCode != 426 || r.asked.Load() != 0 {
		t.Errorf("a plain GET: status %d, asked %d", res.StatusCode, r.asked.Load())
	}
	if res, _ := r.send("GET", "/socket", "", "Connection: Upgrade", "Upgrade: websocket"); res.StatusCode != 400 && res.StatusCode != 426 {
		t.Errorf("a handshake without key: status %d", res.StatusCode)
	}
	if res, _ := r.send("POST", "/socket", ""); res.StatusCode != 403 {
		t.Errorf("a POST: status %d", res.StatusCode)
	}
}

// A failing function does not end the connection, and its message is not shown.
// A message over the limit ends it with 1009.
func TestWebSocketFailures(t *testing.T) {
	r := newRig(t, nil)
	socket, _ := dial(t, r.URL+"/socket", withKey)
	for _, answer := range []func([]byte) ([]byte, error){failing(errors.New("secret")), fixed(`{}`), fixed(`oh`)} {
		r.function = answer
		if got := exchange(t, socket, "x"); !strings.Contains(got, "Internal server error") || strings.Contains(got, "secret") {
			t.Errorf("answered %s", got)
		}
	}
	if err := socket.Write(t.Context(), websocket.MessageText, make([]byte, maxMessage+1)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := socket.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusMessageTooBig {
		t.Errorf("after a long message: %v", err)
	}
}

// Connections end with the server's context.
func TestWebSocketEndsWithServer(t *testing.T) {
	r := newRig(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		defer close(ended)
		r.gateway.ServeHTTP(w, request.WithContext(ctx))
	}))
	defer server.Close()
	if _, res := dial(t, server.URL+"/socket", withKey); res.StatusCode != 101 {
		t.Fatalf("status %d", res.StatusCode)
	}
	cancel()
	await.Next(t, "the connection's end", ended)
}
