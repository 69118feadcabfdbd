package gateway

import (
	"errors"
	"net/netip"
	"sync"

	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// shape is one kind of authorizer event. A new one needs its own file and a row in
// [shapes].
type shape struct {
	name string
	// matches reports whether an event has this shape, by its members. No event
	// matches two shapes.
	matches func(*event) bool
	// read returns the question that an event asks.
	read func(*event) (question, error)
	// answer appends a decision, either Allowed or Forbidden, to the buffer.
	answer func(into []byte, q question, d verify.Decision) ([]byte, error)
	// unauthorized is this shape's answer to a missing or invalid credential; if
	// empty, that is [ErrUnauthorized].
	unauthorized string
}

var shapes = []shape{restToken, restRequest, httpPayload1, httpSimple, httpPolicy, webSocket, appSync}

// question is what an event asks.
type question struct {
	verify.Request
	arn methodARN
	// requestID is a slice of the payload.
	requestID []byte
}

func (q *question) source() string {
	if !q.Source.IsValid() {
		return ""
	}
	return q.Source.String()
}

// event holds what matters of an event of any shape. Its texts are slices of the
// payload.
type event struct {
	authorizerType, version, methodARN, routeARN, token, resource, routeKey []byte
	headers, multiValueHeaders                                              headerValues
	// wantedAnswer is a stage variable with which an API says which answer it expects.
	wantedAnswer []byte
	context      eventContext
	// found and credentials have room for what most events hold, to save
	// allocations.
	found       [2][1][]byte
	credentials [2]string
}

// eventContext is what the gateway itself says about a request.
type eventContext struct {
	account, api, requestID, method, resourcePath, source []byte
	http                                                  struct{ method, source []byte }
	// domainName is the host name that the client used to reach the gateway. A Host
	// header from a proxy in front of it is not read.
	domainName []byte
	// connection, eventType and routeKey belong to a WebSocket event.
	connection, eventType, routeKey []byte
	// graphQL is whether the event has a GraphQL operation.
	graphQL bool
}

var (
	errNotAnEvent   = errors.New("the event is not a JSON object of the expected types")
	errUnknownShape = errors.New("the event has no shape that the authorizer knows")
	errContradicts  = errors.New("the event's parts contradict each other")
)

// eventPool holds cleared events, because they are large and serve one decision
// only.
var eventPool = sync.Pool{New: func() any { return new(event) }}

// release returns an event to the pool. Neither it nor its question may be used
// afterwards.
func (e *event) release() {
	*e = event{}
	eventPool.Put(e)
}

// read returns the shape and the question of a payload, with the host name if
// needed. The event must be empty. The question refers to the event; of the
// payload it refers only to the request's id. Errors hold nothing of the
// payload.
func (e *event) read(payload []byte, needsHost bool) (*shape, question, error) {
	if !e.decode(payload) {
		return &shape{}, question{}, errNotAnEvent
	}
	for i := range shapes {
		s := &shapes[i]
		if !s.matches(e) {
			continue
		}
		q, err := s.read(e)
		q.requestID = e.context.requestID
		if needsHost {
			q.Host = string(e.context.domainName)
		}
		return s, q, err
	}
	return &shape{}, question{}, errUnknownShape
}

// toStrings converts three texts to strings with one allocation.
func toStrings(arn, template, source []byte) (a, t, s string) {
	var room [512]byte
	all := string(append(append(append(room[:0], arn...), template...), source...))
	return all[:len(arn)], all[len(arn) : len(arn)+len(template)], all[len(arn)+len(template):]
}

// api returns the API of the ARN. The event's context must name the same one.
func (e *event) api(arn methodARN) (routing.API, error) {
	if arn.api.Account != string(e.context.account) || arn.api.ID != string(e.context.api) {
		return routing.API{}, errContradicts
	}
	return arn.api, nil
}

// address parses the source address; it is zero if the text is not an address.
func address(text string) netip.Addr {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}
