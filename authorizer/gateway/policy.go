package gateway

import (
	"errors"

	"github.com/keyward/keyward/shared/verify"
)

var errTemplate = errors.New("the registered route cannot stand in a policy")

// policyOf allows or denies the route of a decision. Of the request, nothing
// but the method reaches the policy, which is one of a fixed few.
func policyOf(into []byte, q question, d verify.Decision) ([]byte, error) {
	if d.Coverage != nil {
		return appendCovering(into, q.arn, d), nil
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
	into = append(appendEffect(into, effect), '"')
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

// appendEffect begins a statement.
func appendEffect(into []byte, effect string) []byte {
	into = append(append(into, `{"Action":"execute-api:Invoke","Effect":"`...), effect...)
	return append(into, `","Resource":`...)
}

// appendPrincipal writes the id of the key, or of the user where there is no key.
func appendPrincipal(into []byte, i verify.Identity) []byte {
	if i.KeyID.IsZero() {
		return appendID(into, i.UserID)
	}
	return appendID(into, i.KeyID)
}
