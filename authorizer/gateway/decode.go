package gateway

import "github.com/keyward/keyward/shared/jsonscan"

// scanner reads an event.
type scanner struct{ jsonscan.Scanner }

// decode parses an event in one pass over the payload. Names must have exactly
// the case in which AWS writes them. It returns false if the payload is not one
// JSON object, if a member has the wrong type, or if a value occurs twice.
func (e *event) decode(payload []byte) bool {
	s := &scanner{jsonscan.New(payload)}
	if s.Peek() != '{' {
		return false
	}
	e.headers, e.multiValueHeaders = e.found[0][:0], e.found[1][:0]
	for more := s.Object(); more; more = s.More('}') {
		switch string(s.Name()) {
		case "type":
			s.once(&e.authorizerType)
		case "version":
			s.once(&e.version)
		case "methodArn":
			s.once(&e.methodARN)
		case "routeArn":
			s.once(&e.routeARN)
		case "authorizationToken":
			s.once(&e.token)
		case "resource":
			s.once(&e.resource)
		case "routeKey":
			s.once(&e.routeKey)
		case "headers":
			e.headers.decode(s)
		case "multiValueHeaders":
			e.multiValueHeaders.decode(s)
		case "stageVariables":
			s.member(answerVariable, &e.wantedAnswer)
		case "requestContext":
			e.context.decode(s)
		default:
			s.Skip()
		}
	}
	return s.Ended()
}

func (c *eventContext) decode(s *scanner) {
	for more := s.Object(); more; more = s.More('}') {
		switch string(s.Name()) {
		case "accountId":
			s.once(&c.account)
		case "apiId":
			s.once(&c.api)
		case "requestId":
			s.once(&c.requestID)
		case "httpMethod":
			s.once(&c.method)
		case "resourcePath":
			s.once(&c.resourcePath)
		case "domainName":
			s.once(&c.domainName)
		case "connectionId":
			s.once(&c.connection)
		case "eventType":
			s.once(&c.eventType)
		case "routeKey":
			s.once(&c.routeKey)
		case "queryString":
			c.graphQL = s.Peek() == '"'
			s.Skip()
		case "identity":
			s.member("sourceIp", &c.source)
		case "http":
			c.decodeHTTP(s)
		default:
			s.Skip()
		}
	}
}

func (c *eventContext) decodeHTTP(s *scanner) {
	for more := s.Object(); more; more = s.More('}') {
		switch string(s.Name()) {
		case "method":
			s.once(&c.http.method)
		case "sourceIp":
			s.once(&c.http.source)
		default:
			s.Skip()
		}
	}
}

// member parses an object and keeps the one member that is needed.
func (s *scanner) member(wanted string, into *[]byte) {
	for more := s.Object(); more; more = s.More('}') {
		if string(s.Name()) == wanted {
			s.once(into)
		} else {
			s.Skip()
		}
	}
}

// once parses a string. It leaves the value unchanged for null. It fails if the
// value is already set, because readers could disagree on which one counts.
func (s *scanner) once(into *[]byte) {
	switch {
	case s.Null():
	case len(*into) > 0:
		s.Fail()
	default:
		*into = s.Bytes()
	}
}
