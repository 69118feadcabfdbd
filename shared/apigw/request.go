package apigw

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// request is an event in the operation's terms, checked.
type request[B any] struct {
	// caller is zero for a public operation.
	caller apikey.Caller
	// id is what the path names. It is zero, which names nothing, where that is
	// no id at all: so it takes the same way, to the same answer, as an id that
	// does not exist. The path names it in the dialect's form.
	id keytext.ID
	// name is what the path names, as it is written: for things that have no id
	// but a name.
	name string
	// version is the one that the change asks for, as the rules take it; condition
	// has all that will do.
	version   int64
	condition precondition
	query     map[string]string
	body      B
}

// read checks who asks before it looks at what.
func read[B any](c call, query []Parameter) (request[B], error) {
	req := request[B]{name: c.event.PathParameters["id"], condition: precondition{versions: []int64{apikey.AnyVersion}}}
	var err error
	if !c.op.Public {
		if req.caller, err = callerOf(c.event); err != nil {
			return req, err
		}
		req.caller.Scoped = c.dialect.scoped
	}
	if req.id, err = c.dialect.id(req.name); err != nil {
		req.id = keytext.ID{}
	}
	if req.query, err = readQuery(c.event, query); err != nil {
		return req, err
	}
	if c.dialect.tagged && slices.Contains(conditional, c.route.Method) {
		if req.condition, err = readPrecondition(c.event); err != nil {
			return req, err
		}
	}
	if err = aBool.read(req.query, ForceParameter, &req.caller.Force); err != nil {
		return req, err
	}
	return req, readBody(c.event, &req.body)
}

// maxUserAgent bounds what of a client's own name is kept, in bytes.
const maxUserAgent = 256

// callerOf is who the authorizer let through: a key, or a user who has no key
// but an access token. All of it comes from the request context, which only the
// gateway writes.
func callerOf(event events.APIGatewayProxyRequest) (apikey.Caller, error) {
	from := event.RequestContext
	org, _ := from.Authorizer["orgId"].(string)
	if !apikey.OrgID(org).Valid() {
		return apikey.Caller{}, apikey.UnauthenticatedError()
	}
	source, _ := netip.ParseAddr(from.Identity.SourceIP)
	agent := from.Identity.UserAgent
	caller := apikey.Caller{
		Org: apikey.OrgID(org), Source: source.Unmap(), RequestID: from.RequestID,
		UserAgent: strings.ToValidUTF8(agent[:min(len(agent), maxUserAgent)], ""),
	}
	key, _ := from.Authorizer["keyId"].(string)
	user, _ := from.Authorizer["userId"].(string)
	if held, told := from.Authorizer["permissions"].(string); told {
		caller.Held = apikey.NewPermissions(strings.Fields(held)...)
	}
	var keyErr, userErr error
	if key != "" {
		caller.Key, keyErr = keytext.ParseID(key)
	}
	if user != "" {
		caller.User, userErr = keytext.ParseID(user)
	}
	if keyErr != nil || userErr != nil || key == "" && user == "" {
		return apikey.Caller{}, apikey.UnauthenticatedError()
	}
	return caller, nil
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
