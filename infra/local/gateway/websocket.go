package gateway

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"
)

// The route keys of a WebSocket API: for the handshake and for messages.
const (
	connectRoute = "$connect"
	messageRoute = "$default"
)

// API Gateway's limits: a message's length in bytes, and a connection's idle
// time.
const (
	maxMessage = 128 << 10
	maxSilence = 10 * time.Minute
)

// checkHandshake refuses a request that does not ask for a WebSocket.
func (c *call) checkHandshake() error {
	if !strings.EqualFold(c.http.Header.Get("Upgrade"), "websocket") {
		return refused(upgradeRequired, "the request is not a WebSocket handshake")
	}
	return nil
}

// converse opens a connection and answers each message with the route's
// function, until either side or the server closes it.
func (g *Gateway) converse(w http.ResponseWriter, c *call) {
	socket, err := websocket.Accept(w, c.http, &websocket.AcceptOptions{InsecureSkipVerify: true}) // any origin
	if err != nil {
		g.config.Log(c.id + " " + c.path + ": the handshake is malformed")
		return // Accept has answered
	}
	defer func() { _ = socket.CloseNow() }()
	socket.SetReadLimit(maxMessage)
	for {
		message, err := receive(c.http.Context(), socket)
		if err != nil {
			return
		}
		text, err := c.answerMessage(c.http.Context(), message)
		if err != nil {
			g.config.Log(c.id + " " + c.path + ": " + err.Error())
			text = encode(object{"message": "Internal server error", "connectionId": c.id, "requestId": c.id})
		}
		if socket.Write(c.http.Context(), websocket.MessageText, text) != nil {
			return
		}
	}
}

func receive(ctx context.Context, socket *websocket.Conn) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxSilence)
	defer cancel()
	_, message, err := socket.Read(ctx)
	return message, err
}

// answerMessage answers a message with the route's function.
func (c *call) answerMessage(ctx context.Context, message []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, IntegrationTimeout)
	defer cancel()
	text, err := c.route.Invoke(ctx, c.messageEvent(message))
	if err != nil {
		return nil, err
	}
	var p proxyAnswer
	if err := decodeNumbers(text, &p); err != nil || p.Body == nil {
		return nil, errors.New("the function's answer has no body")
	}
	return []byte(*p.Body), nil
}

// socketContext returns what both events of a connection share.
func (c *call) socketContext(route, kind string) object {
	return object{
		"routeKey": route, "eventType": kind, "messageDirection": "IN",
		"apiId": c.api.ID, "stage": c.api.Stage, "domainName": c.domain(),
		"connectionId": c.id, "connectedAt": c.begun.UnixMilli(),
		"requestId": c.id, "extendedRequestId": c.id,
		"requestTime": c.begun.UTC().Format(requestTime), "requestTimeEpoch": c.begun.UnixMilli(),
		"identity": object{"sourceIp": c.source},
	}
}

// connectEvent returns the event for a WebSocket API's authorizer. It has no
// path.
func (c *call) connectEvent() []byte {
	h := map[string][]string(c.header())
	h["Connection"], h["Upgrade"] = c.http.Header["Connection"], c.http.Header["Upgrade"]
	query := map[string][]string(c.http.URL.Query())
	variables := maps.Clone(c.api.Variables)
	if variables == nil {
		variables = map[string]string{}
	}
	return encode(object{
		"type": "REQUEST", "methodArn": c.arn(),
		"headers": last(h), "multiValueHeaders": h,
		"queryStringParameters": last(query), "multiValueQueryStringParameters": query,
		"stageVariables": variables, "requestContext": c.socketContext(connectRoute, "CONNECT"),
	})
}

// messageEvent returns the event of a message. The authorizer's context stays
// with the connection.
func (c *call) messageEvent(message []byte) []byte {
	context := c.socketContext(messageRoute, "MESSAGE")
	context["messageId"] = newID()
	if c.context != nil {
		context["authorizer"] = c.context
	}
	return encode(object{"requestContext": context, "body": string(message), "isBase64Encoded": false})
}
