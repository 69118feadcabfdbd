package apigw

import (
	"encoding/base64"
	"mime"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/operations"
)

// MaxBody is how many bytes a request's body may have, decoded.
const MaxBody = 64 << 10

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

// readBody fills into from the event's body, or holds that there is none where
// into has no fields.
func readBody(event events.APIGatewayProxyRequest, into any) error {
	if reflect.TypeOf(into).Elem() == reflect.TypeFor[none]() {
		if event.Body != "" {
			return invalid(strict.Body, apikey.FieldValue, "This operation takes no body.")
		}
		return nil
	}
	if event.Body == "" {
		return invalid(strict.Body, apikey.FieldRequired, "This operation takes a JSON object as its body.")
	}
	if err := checkMediaType(event); err != nil {
		return err
	}
	text, err := bodyOf(event)
	if err != nil {
		return err
	}
	return apikeyInvalid(strict.Decode(text, into))
}

// checkMediaType holds that the body is declared as JSON, in UTF-8 and not
// compressed.
func checkMediaType(event events.APIGatewayProxyRequest) error {
	types, encodings := headerValues(event, "Content-Type"), headerValues(event, "Content-Encoding")
	if len(types) == 1 && (len(encodings) == 0 || len(encodings) == 1 && strings.EqualFold(encodings[0], "identity")) {
		media, parameters, err := mime.ParseMediaType(types[0])
		charset, declared := parameters["charset"]
		utf8 := len(parameters) == 0 || len(parameters) == 1 && declared && strings.EqualFold(charset, "utf-8")
		if err == nil && media == "application/json" && utf8 {
			return nil
		}
	}
	return refusal{canonical.UnsupportedMediaType, "Send application/json, in UTF-8 and not compressed."}
}

// bodyOf is the body's bytes. The gateway encodes a body in base64 where the
// API declares its type as binary.
func bodyOf(event events.APIGatewayProxyRequest) ([]byte, error) {
	text, limit := event.Body, MaxBody
	if event.IsBase64Encoded {
		limit = base64.StdEncoding.EncodedLen(MaxBody)
	}
	if len(text) > limit {
		return nil, tooLarge()
	}
	if !event.IsBase64Encoded {
		return []byte(text), nil
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, invalid(strict.Body, apikey.FieldValue, "The body is not valid base64.")
	}
	if len(raw) > MaxBody {
		return nil, tooLarge()
	}
	return raw, nil
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
