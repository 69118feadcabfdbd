package gateway

import (
	"maps"
	"mime"
	"strings"
)

// httpEvent returns what an HTTP API's proxy event (payload 2.0) and its
// authorizer's event share.
func (c *call) httpEvent() object {
	headers := map[string]string{}
	for name, values := range c.header() {
		if name != "Cookie" {
			headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	key := c.route.Method + " " + c.route.Path
	event := object{
		"version": "2.0", "routeKey": key,
		"rawPath": c.eventPath(), "rawQueryString": c.http.URL.RawQuery,
		"headers": headers,
		"requestContext": object{
			"accountId": c.config.Account, "apiId": c.api.ID, "stage": c.api.Stage,
			"domainName": c.domain(), "domainPrefix": c.api.ID,
			"http": object{
				"method": c.http.Method, "path": c.eventPath(), "protocol": c.http.Proto,
				"sourceIp": c.source, "userAgent": c.http.UserAgent(),
			},
			"requestId": c.id, "routeKey": key,
			"time": c.begun.UTC().Format(requestTime), "timeEpoch": c.begun.UnixMilli(),
		},
	}
	if len(c.api.Variables) > 0 {
		event["stageVariables"] = c.api.Variables
	}
	query := map[string]string{}
	for name, values := range c.http.URL.Query() {
		query[name] = strings.Join(values, ",")
	}
	if len(query) > 0 {
		event["queryStringParameters"] = query
	}
	if len(c.params) > 0 {
		event["pathParameters"] = c.params
	}
	var cookies []string
	for _, cookie := range c.http.Cookies() {
		cookies = append(cookies, cookie.Name+"="+cookie.Value)
	}
	if cookies != nil {
		event["cookies"] = cookies
	}
	return event
}

// httpProxyEvent returns the event for an HTTP API's function.
func (c *call) httpProxyEvent() []byte {
	event := c.httpEvent()
	if c.context != nil {
		event["requestContext"].(object)["authorizer"] = object{"lambda": c.context}
	}
	binary := len(c.body) > 0 && !isText(c.http.Header.Get("Content-Type"))
	event["isBase64Encoded"] = binary
	if len(c.body) > 0 {
		event["body"] = c.text(binary)
	}
	return encode(event)
}

// httpAuthorizerEvent returns the event for an HTTP API's authorizer in payload
// 2.0. It does not say which of the two answers is expected.
func (c *call) httpAuthorizerEvent() []byte {
	event := c.httpEvent()
	maps.Copy(event, object{"type": "REQUEST", "routeArn": c.arn(), "identitySource": c.identity})
	return encode(event)
}

// httpPayload1Event returns the event for an HTTP API's authorizer in payload
// 1.0. It is that of a REST API without the multi-value headers.
func (c *call) httpPayload1Event() []byte {
	event := c.restEvent()
	identity := strings.Join(c.identity, ",")
	maps.Copy(event, object{
		"version": "1.0", "type": "REQUEST", "methodArn": c.arn(),
		"identitySource": identity, "authorizationToken": identity,
	})
	delete(event, "multiValueHeaders")
	delete(event, "multiValueQueryStringParameters")
	return encode(event)
}

// isText reports whether HTTP APIs pass a body of that type as text.
func isText(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	return strings.HasPrefix(media, "text/") || media == "application/json" ||
		media == "application/javascript" || media == "application/xml"
}
