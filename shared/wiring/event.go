package wiring

import (
	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/jsonscan"
)

// eventReader reads those parts of a REST proxy event that operations use, in one pass.
// The gateway, not the caller, writes the event: of a name that is there twice, the
// last counts.
type eventReader struct{ jsonscan.Scanner }

// readEvent returns the event; ok is false if the payload is not one.
func readEvent(payload []byte) (event events.APIGatewayProxyRequest, ok bool) {
	r := eventReader{jsonscan.Copy(payload)}
	if r.Peek() != '{' {
		return event, false
	}
	for more := r.Object(); more; more = r.More('}') {
		switch string(r.Name()) {
		case "resource":
			r.string(&event.Resource)
		case "path":
			r.string(&event.Path)
		case "httpMethod":
			r.string(&event.HTTPMethod)
		case "headers":
			event.Headers = r.strings()
		case "multiValueHeaders":
			event.MultiValueHeaders = r.lists()
		case "queryStringParameters":
			event.QueryStringParameters = r.strings()
		case "multiValueQueryStringParameters":
			event.MultiValueQueryStringParameters = r.lists()
		case "pathParameters":
			event.PathParameters = r.strings()
		case "requestContext":
			r.context(&event.RequestContext)
		case "body":
			r.string(&event.Body)
		case "isBase64Encoded":
			event.IsBase64Encoded = r.Peek() == 't'
			r.Skip()
		default:
			r.Skip()
		}
	}
	return event, r.Ended()
}

func (r *eventReader) context(c *events.APIGatewayProxyRequestContext) {
	for more := r.Object(); more; more = r.More('}') {
		switch string(r.Name()) {
		case "requestId":
			r.string(&c.RequestID)
		case "path":
			r.string(&c.Path)
		case "resourcePath":
			r.string(&c.ResourcePath)
		case "authorizer":
			c.Authorizer = r.values()
		case "identity":
			r.identity(&c.Identity)
		default:
			r.Skip()
		}
	}
}

func (r *eventReader) identity(i *events.APIGatewayRequestIdentity) {
	for more := r.Object(); more; more = r.More('}') {
		switch string(r.Name()) {
		case "sourceIp":
			r.string(&i.SourceIP)
		case "userAgent":
			r.string(&i.UserAgent)
		default:
			r.Skip()
		}
	}
}

// string reads a string, or nothing for null.
func (r *eventReader) string(into *string) {
	if !r.Null() {
		*into = r.Text()
	}
}

// headerRoom is about how many headers a request has.
const headerRoom = 14

// strings reads an object of strings; nil for null.
func (r *eventReader) strings() (all map[string]string) {
	for more := r.Object(); more; more = r.More('}') {
		if all == nil {
			all = make(map[string]string, headerRoom)
		}
		name, value := r.NameText(), ""
		r.string(&value)
		all[name] = value
	}
	return all
}

// lists reads an object of lists of strings; nil for null.
func (r *eventReader) lists() (all map[string][]string) {
	var values []string
	for more := r.Object(); more; more = r.More('}') {
		if all == nil {
			all, values = make(map[string][]string, headerRoom), make([]string, 0, headerRoom)
		}
		name, before := r.NameText(), len(values)
		if !r.Null() {
			for more := r.Array(); more; more = r.More(']') {
				values = append(values, "")
				r.string(&values[len(values)-1])
			}
		}
		all[name] = values[before:len(values):len(values)]
	}
	return all
}

// values reads an object of which only the strings matter; nil for null.
func (r *eventReader) values() (all map[string]any) {
	for more := r.Object(); more; more = r.More('}') {
		name := r.NameText()
		if r.Peek() != '"' {
			r.Skip()
			delete(all, name)
			continue
		}
		if all == nil {
			all = map[string]any{}
		}
		all[name] = r.Text()
	}
	return all
}
