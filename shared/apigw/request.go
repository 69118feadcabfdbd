package apigw

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
)

// request is an event in the operation's terms, checked.
type request[B any] struct {
	// caller is zero for a public operation.
	caller apikey.Caller
	// id is what the path names. It is zero, which names nothing, where that is
	// no id at all: so it takes the same way, to the same answer, as an id that
	// does not exist.
	id keytext.ID
	// version is what If-Match asks for: 0 for any, -1 for one that no key has.
	version int64
	query   map[string]string
	body    B
}

// read checks who asks before it looks at what.
func read[B any](op operations.Operation, event events.APIGatewayProxyRequest, query []string) (request[B], error) {
	var req request[B]
	var err error
	if !op.Public {
		if req.caller, err = callerOf(event); err != nil {
			return req, err
		}
	}
	if req.id, err = keytext.ParseID(event.PathParameters["id"]); err != nil {
		req.id = keytext.ID{}
	}
	if req.query, err = readQuery(event, query); err != nil {
		return req, err
	}
	if slices.Contains(conditional, op.Method) {
		if req.version, err = readIfMatch(event); err != nil {
			return req, err
		}
	}
	return req, readBody(event, &req.body)
}

// maxUserAgent bounds what of a client's own name is kept, in bytes.
const maxUserAgent = 256

// callerOf is who the authorizer let through. All of it comes from the request
// context, which only the gateway writes.
func callerOf(event events.APIGatewayProxyRequest) (apikey.Caller, error) {
	from := event.RequestContext
	org, _ := from.Authorizer["orgId"].(string)
	text, _ := from.Authorizer["keyId"].(string)
	id, err := keytext.ParseID(text)
	if err != nil || !apikey.OrgID(org).Valid() {
		return apikey.Caller{}, apikey.NotAuthenticated()
	}
	source, _ := netip.ParseAddr(from.Identity.SourceIP)
	agent := from.Identity.UserAgent
	return apikey.Caller{
		Org: apikey.OrgID(org), Key: id, Source: source.Unmap(), RequestID: from.RequestID,
		UserAgent: strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], ""),
	}, nil
}

// headerValues are all values of a header, whose name may be in any case.
func headerValues(event events.APIGatewayProxyRequest, name string) []string {
	var values []string
	for header, all := range event.MultiValueHeaders {
		if strings.EqualFold(header, name) {
			values = append(values, all...)
		}
	}
	if len(values) > 0 {
		return values
	}
	for header, value := range event.Headers {
		if strings.EqualFold(header, name) {
			values = append(values, value)
		}
	}
	return values
}
