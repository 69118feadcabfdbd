package apigw

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// request is a validated event in the operation's terms.
type request[B any] struct {
	// caller has neither an organization nor a key if the operation is public.
	caller apikey.Caller
	// id is parsed from the path in the dialect's form. If the path has no valid
	// id, id is zero, so the request gets the same answer as an id that does not
	// exist.
	id uuid.UUID
	// name is the path's text as written, for things that have a name and no id.
	name string
	// version is the version that the change requires, as the rules take it;
	// condition holds all acceptable ones.
	version   int64
	condition precondition
	query     map[string]string
	body      B
	// head says that the answer is without its body.
	head bool
}

// read validates the caller before the rest of the request.
func read[B any](c call, query []Parameter) (request[B], error) {
	req := request[B]{name: c.event.PathParameters["id"], head: c.event.HTTPMethod == http.MethodHead, condition: precondition{versions: []int64{apikey.AnyVersion}}}
	var err error
	switch {
	case c.op.Public:
		req.caller = visitorOf(c.event)
	case c.stranger != nil:
		return req, c.stranger
	default:
		req.caller = c.caller
		req.caller.Scoped = c.dialect.scoped
	}
	if req.id, err = c.dialect.id(req.name); err != nil {
		req.id = uuid.UUID{}
	}
	if req.query, err = readQuery(c.event, query); err != nil {
		return req, err
	}
	if c.dialect.tagged && c.route.Conditional() {
		if req.condition, err = readPrecondition(c.event); err != nil {
			return req, err
		}
	}
	if err = aBool.read(req.query, ForceParameter, &req.caller.Force); err != nil {
		return req, err
	}
	if err = readBody(c.event, &req.body); err != nil {
		return req, err
	}
	req.caller.Idempotency, err = c.idempotency()
	return req, err
}

// maxUserAgent is how much of the User-Agent is kept, in bytes.
const maxUserAgent = 256

// callerOf returns the caller that the authorizer let through: a key, or a user
// with an access token and no key. It reads only the request context, which only
// the gateway writes.
func callerOf(event events.APIGatewayProxyRequest) (apikey.Caller, error) {
	from := event.RequestContext
	org, _ := from.Authorizer["orgId"].(string)
	if !apikey.OrgID(org).Valid() {
		return apikey.Caller{}, apikey.UnauthenticatedError()
	}
	caller := visitorOf(event)
	caller.Org = apikey.OrgID(org)
	key, _ := from.Authorizer["keyId"].(string)
	user, _ := from.Authorizer["userId"].(string)
	if held, told := from.Authorizer["permissions"].(string); told {
		caller.Held = permission.NewSet(strings.Fields(held)...)
	}
	var keyErr, userErr, generationErr error
	if generation, told := from.Authorizer["keyGeneration"].(string); told {
		caller.Generation, generationErr = strconv.Atoi(generation)
	}
	if key != "" {
		caller.Key, keyErr = uuid.Parse(key)
	}
	if user != "" {
		caller.User, userErr = uuid.Parse(user)
	}
	if keyErr != nil || userErr != nil || generationErr != nil || key == "" && user == "" {
		return apikey.Caller{}, apikey.UnauthenticatedError()
	}
	return caller, nil
}

// visitorOf returns what is known of a caller without a key: where the request
// comes from.
func visitorOf(event events.APIGatewayProxyRequest) apikey.Caller {
	from := event.RequestContext
	source, _ := netip.ParseAddr(from.Identity.SourceIP)
	agent := from.Identity.UserAgent
	return apikey.Caller{
		Source: source.Unmap(), RequestID: from.RequestID, UserAgent: strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], ""),
	}
}

// headerValues returns all values of a header; names match in any case.
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
