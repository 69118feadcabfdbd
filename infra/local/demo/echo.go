package demo

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// echo answers with what the gateway says about the caller, and with the
// request's one path parameter or a WebSocket's message. It accepts the proxy
// events of REST and HTTP APIs and the messages of WebSocket APIs.
func echo(_ context.Context, text []byte) ([]byte, error) {
	var event struct {
		PathParameters map[string]string `json:"pathParameters"`
		Body           *string           `json:"body"`
		RequestContext struct {
			APIID      string         `json:"apiId"`
			EventType  string         `json:"eventType"`
			Authorizer map[string]any `json:"authorizer"`
		} `json:"requestContext"`
	}
	if err := json.Unmarshal(text, &event); err != nil {
		return nil, err
	}
	caller := event.RequestContext.Authorizer
	if inner, nested := caller["lambda"].(map[string]any); nested { // HTTP API
		caller = inner
	}
	said := map[string]any{"api": event.RequestContext.APIID, "caller": own(caller)}
	if name, found := event.PathParameters["name"]; found {
		said["name"] = name
	}
	if event.RequestContext.EventType == "MESSAGE" {
		said["message"] = event.Body
	}
	return json.Marshal(events.APIGatewayProxyResponse{
		StatusCode: http.StatusOK, Headers: jsonHeaders("application/json"), Body: encode(said),
	})
}

// resolve answers every operation on the AppSync API with what it knows about
// the caller.
func resolve(_ context.Context, text []byte) ([]byte, error) {
	var event struct {
		Identity struct {
			ResolverContext map[string]any `json:"resolverContext"`
		} `json:"identity"`
	}
	if err := json.Unmarshal(text, &event); err != nil {
		return nil, err
	}
	return json.Marshal(own(event.Identity.ResolverContext))
}

// own returns an authorizer's context without what the gateway adds.
func own(authorizer map[string]any) map[string]any {
	caller := maps.Clone(authorizer)
	delete(caller, "principalId")
	delete(caller, "integrationLatency")
	return caller
}
