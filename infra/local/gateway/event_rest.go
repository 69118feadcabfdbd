package gateway

import (
	"encoding/base64"
	"encoding/json"
	"maps"
)

// object is a JSON object in an event.
type object = map[string]any

// requestTime is the format of requestContext's time.
const requestTime = "02/Jan/2006:15:04:05 -0700"

// restEvent returns what a REST API's proxy event and its authorizer's event
// share.
func (c *call) restEvent() object {
	h := map[string][]string(c.header())
	query := map[string][]string(c.http.URL.Query())
	return object{
		"resource": c.route.Path, "path": c.eventPath(), "httpMethod": c.http.Method,
		"headers": last(h), "multiValueHeaders": h,
		"queryStringParameters": orNull(last(query)), "multiValueQueryStringParameters": orNull(query),
		"pathParameters": orNull(c.params), "stageVariables": orNull(c.api.Variables),
		"requestContext": c.restContext(),
	}
}

func (c *call) restContext() object {
	identity := object{"sourceIp": c.source, "userAgent": c.http.UserAgent()}
	for _, unused := range []string{"accessKey", "accountId", "caller", "cognitoAuthenticationProvider",
		"cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn"} {
		identity[unused] = nil
	}
	return object{
		"accountId": c.config.Account, "apiId": c.api.ID, "stage": c.api.Stage,
		"domainName": c.domain(), "domainPrefix": c.api.ID,
		"httpMethod": c.http.Method, "identity": identity,
		"path": c.eventPath(), "protocol": c.http.Proto,
		"requestId": c.id, "extendedRequestId": c.id,
		"requestTime": c.begun.UTC().Format(requestTime), "requestTimeEpoch": c.begun.UnixMilli(),
		"resourceId": "local", "resourcePath": c.route.Path,
	}
}

// restProxyEvent returns the event for a REST API's function.
func (c *call) restProxyEvent() []byte {
	event := c.restEvent()
	if c.context != nil {
		event["requestContext"].(object)["authorizer"] = c.context
	}
	event["body"], event["isBase64Encoded"] = nil, false
	if len(c.body) > 0 {
		event["body"], event["isBase64Encoded"] = c.text(c.api.Binary), c.api.Binary
	}
	return encode(event)
}

// restRequestEvent returns the event for a REQUEST authorizer.
func (c *call) restRequestEvent() []byte {
	event := c.restEvent()
	maps.Copy(event, object{"type": "REQUEST", "methodArn": c.arn()})
	return encode(event)
}

// restTokenEvent returns the event for a TOKEN authorizer.
func (c *call) restTokenEvent() []byte {
	return encode(object{"type": "TOKEN", "methodArn": c.arn(), "authorizationToken": last(c.http.Header)["Authorization"]})
}

// text returns the body as in an event.
func (c *call) text(binary bool) string {
	if binary {
		return base64.StdEncoding.EncodeToString(c.body)
	}
	return string(c.body)
}

// last returns the last value of each name, for members without multiple values.
func last(values map[string][]string) map[string]string {
	single := map[string]string{}
	for name, list := range values {
		if len(list) > 0 {
			single[name] = list[len(list)-1]
		}
	}
	return single
}

// orNull returns the map, or nil, which encodes as null, if it is empty.
func orNull[V any](m map[string]V) any {
	if len(m) == 0 {
		return nil
	}
	return m
}

// encode returns an event as JSON. Bytes that are not UTF-8 become U+FFFD.
func encode(event object) []byte {
	text, err := json.Marshal(event)
	if err != nil {
		panic("gateway: an event is not JSON: " + err.Error())
	}
	return text
}
