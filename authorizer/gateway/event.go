package gateway

import (
	"errors"
	"net/netip"
	"sync"

	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// shape is one kind of authorizer event. A new kind is a file of its own and a
// row in [shapes].
type shape struct {
	name string
	// matches reports whether an event is of this kind, by what it carries. No
	// two kinds match the same event.
	matches func(*event) bool
	// read finds the question in an event.
	read func(*event) (question, error)
	// answer expresses a decision, which is Allowed or Forbidden, after what is
	// in the buffer.
	answer func(into []byte, q question, d verify.Decision) ([]byte, error)
	// unauthorized is what the kind wants to hear where there is no valid
	// credential; empty where that is [ErrUnauthorized].
	unauthorized string
}

var shapes = []shape{restToken, restRequest, httpPayload1, httpSimple, httpPolicy, webSocket, appSync}

// question is what an event asks.
type question struct {
	verify.Request
	arn methodARN
	// requestID is a part of the payload.
	requestID []byte
}

func (q question) source() string {
	if !q.Source.IsValid() {
		return ""
	}
	return q.Source.String()
}

// event is what any kind of event carries that counts here. Its texts are parts
// of the payload.
type event struct {
	kind, version, methodARN, routeARN, token, resource, routeKey []byte
	headers, multiValueHeaders                                    headerValues
	// answer is a stage variable, by which an API says what it wants to hear.
	answer  []byte
	context eventContext
	// found and credentials are room for what most events have.
	found       [2][1][]byte
	credentials [2]string
}

// eventContext is what the gateway itself says of a request.
type eventContext struct {
	account, api, requestID, method, resourcePath, source []byte
	http                                                  struct{ method, source []byte }
	// domainName is the host name under which the gateway was asked. A Host
	// header that a proxy before it has set is not read.
	domainName []byte
	// connection, eventType and routeKey are a WebSocket's.
	connection, eventType, routeKey []byte
	// graphQL is whether there is the text of a GraphQL operation.
	graphQL bool
}

var (
	errNotAnEvent   = errors.New("the event is not a JSON object of the expected types")
	errUnknownShape = errors.New("the event is of no kind that the authorizer knows")
	errContradicts  = errors.New("the event's parts contradict each other")
)

// eventRoom keeps cleared events, which are large and of use for one decision.
var eventRoom = sync.Pool{New: func() any { return new(event) }}

// release gives an event back. Neither it nor the question that was read from it
// may be used any more.
func (e *event) release() {
	*e = event{}
	eventRoom.Put(e)
}

// read tells which kind of event a payload is, and what it asks, with the host
// name if that is needed. The question refers to the event, which was empty, and
// to nothing of the payload but its request's id; errors hold nothing of it.
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

// joined makes strings of three texts, in a single piece of memory.
func joined(arn, template, source []byte) (a, t, s string) {
	var room [512]byte
	all := string(append(append(append(room[:0], arn...), template...), source...))
	return all[:len(arn)], all[len(arn) : len(arn)+len(template)], all[len(arn)+len(template):]
}

// api is the API of the ARN, which must be the one that the event's context
// names.
func (e *event) api(arn methodARN) (routing.API, error) {
	if arn.api.Account != string(e.context.account) || arn.api.ID != string(e.context.api) {
		return routing.API{}, errContradicts
	}
	return arn.api, nil
}

// address reads an address that the gateway saw; zero where it is none.
func address(text string) netip.Addr {
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}
