package gateway

import (
	"errors"

	"github.com/keyward/keyward/shared/verify"
)

var errTemplate = errors.New("the registered route cannot stand in a policy")

// policyOf allows or denies the route of a decision. Of the request, nothing
// but the method reaches the policy, which is one of a fixed few.
func policyOf(into []byte, q question, d verify.Decision) ([]byte, error) {
	effect, template := "Allow", d.Template
	if d.Outcome != verify.Allowed {
		effect = "Deny"
		if template == "" {
			template = q.Route
		}
	}
	into = append(into, `{"principalId":"`...)
	into = appendPrincipal(into, d.Identity)
	into = append(into, `","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"`...)
	into = append(into, effect...)
	into = append(into, `","Resource":"`...)
	into, ok := q.arn.appendRoute(into, q.Method, template, q.Route)
	if !ok && effect == "Allow" {
		return nil, errTemplate
	}
	if !ok {
		into = append(into, q.arn.everything()...)
	}
	into = append(into, `"}]},"context":`...)
	return append(appendContext(into, d), '}'), nil
}

// appendPrincipal writes the id of the key, or of the user where there is no key.
func appendPrincipal(into []byte, i verify.Identity) []byte {
	if i.KeyID.IsZero() {
		return appendID(into, i.UserID)
	}
	return appendID(into, i.KeyID)
}
