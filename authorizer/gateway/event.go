package gateway

import (
	"encoding/json"
	"errors"
	"net/netip"
	"slices"

	"github.com/keyward/keyward/shared/apikey"
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
	// answer expresses a decision, which is Allowed or Forbidden.
	answer func(question, verify.Decision) (any, error)
}

var shapes = []shape{restToken, restRequest, httpSimple}

// question is what an event asks.
type question struct {
	verify.Request
	arn       methodARN
	requestID string
}

func (q question) source() string {
	if !q.Source.IsValid() {
		return ""
	}
	return q.Source.String()
}

// event is what any kind of event carries that counts here.
type event struct {
	Type               string       `json:"type"`
	Version            string       `json:"version"`
	MethodARN          string       `json:"methodArn"`
	RouteARN           string       `json:"routeArn"`
	AuthorizationToken string       `json:"authorizationToken"`
	Resource           string       `json:"resource"`
	RouteKey           string       `json:"routeKey"`
	Headers            headerValues `json:"headers"`
	MultiValueHeaders  headerValues `json:"multiValueHeaders"`
	RequestContext     struct {
		AccountID    string `json:"accountId"`
		APIID        string `json:"apiId"`
		RequestID    string `json:"requestId"`
		HTTPMethod   string `json:"httpMethod"`
		ResourcePath string `json:"resourcePath"`
		// DomainName is what API Gateway itself says of the host name. A Host
		// header that a proxy before it has set is not read.
		DomainName hostName `json:"domainName"`
		Identity   struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"`
		HTTP struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
	} `json:"requestContext"`
}

var (
	errNotAnEvent   = errors.New("the event is not a JSON object of the expected types")
	errUnknownShape = errors.New("the event is of no kind that the authorizer knows")
	errContradicts  = errors.New("the event's parts contradict each other")
)

// read tells which kind of event a payload is, and what it asks, with the host
// name if that is needed. Its errors hold nothing of the payload.
func read(payload []byte, needsHost bool) (shape, question, error) {
	var e event
	e.RequestContext.DomainName.needed = needsHost
	if err := json.Unmarshal(payload, &e); err != nil {
		return shape{}, question{}, errNotAnEvent
	}
	i := slices.IndexFunc(shapes, func(s shape) bool { return s.matches(&e) })
	if i < 0 {
		return shape{}, question{}, errUnknownShape
	}
	q, err := shapes[i].read(&e)
	q.requestID, q.Host = e.RequestContext.RequestID, e.RequestContext.DomainName.text
	return shapes[i], q, err
}

// api is the API of the ARN, which must be the one that the event's context
// names.
func (e *event) api(arn methodARN) (apikey.API, error) {
	if !arn.api.Same(apikey.API{Account: e.RequestContext.AccountID, ID: e.RequestContext.APIID}) {
		return apikey.API{}, errContradicts
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
