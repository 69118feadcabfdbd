package gateway

import (
	"errors"

	"github.com/keyward/keyward/shared/verify"
)

var errTemplate = errors.New("the registered route cannot stand in a policy")

// appendPolicy appends a policy that allows or denies the route of a decision. Only
// the request's method reaches the policy, and it is one of a fixed few.
func appendPolicy(into []byte, q question, d verify.Decision) ([]byte, error) {
	if d.Resources != nil {
		return appendWholeAPI(into, q.arn, d), nil
	}
	effect, template := "Allow", d.Template
	if d.Outcome != verify.Allowed {
		effect = "Deny"
		if template == "" {
			template = q.Route
		}
	}
	into = appendPrincipal(append(into, `{"principalId":"`...), d.Identity)
	into = append(into, `","policyDocument":{"Version":"2012-10-17","Statement":[`...)
	into = appendEffect(into, effect)
	before := len(into)
	into, ok := q.appendRoute(into, template, effect == "Allow")
	if !ok && effect == "Allow" {
		return nil, errTemplate
	}
	if !ok {
		into = append(append(append(into[:before], '"'), q.arn.everything()...), '"')
	}
	into = append(into, `}]},"context":`...)
	return append(appendContext(into, &d), '}'), nil
}

// appendRoute appends the resource of a template. A REST API also accepts a
// request with a trailing slash and keeps the slash in the request's ARN. An
// allowance therefore needs a second resource, unless the first ends in a
// wildcard, which matches a slash too. It returns false as
// [methodARN.appendRoute] does.
func (q *question) appendRoute(into []byte, template string, allow bool) ([]byte, bool) {
	twice := allow && !q.OnHTTP && len(template) > 1 && template[0] == '/' && template[len(template)-1] != '}'
	if twice {
		into = append(into, '[')
	}
	begin := len(into)
	into, ok := q.arn.appendRoute(append(into, '"'), q.Method, template, q.Route)
	end := len(into)
	into = append(into, '"')
	if twice && ok {
		into = append(append(append(into, ','), into[begin:end]...), `/"]`...)
	}
	return into, ok
}

// appendEffect starts a statement.
func appendEffect(into []byte, effect string) []byte {
	into = append(append(into, `{"Action":"execute-api:Invoke","Effect":"`...), effect...)
	return append(into, `","Resource":`...)
}

// appendPrincipal appends the id of the key, or of the user if there is no key.
func appendPrincipal(into []byte, i verify.Identity) []byte {
	if i.KeyID.IsZero() {
		return appendID(into, i.UserID)
	}
	return appendID(into, i.KeyID)
}
