package gateway

import (
	"cmp"
	"errors"
	"strings"

	"github.com/keyward/keyward/shared/verify"
)

// policyAnswer is the answer of the kinds that want an IAM policy.
type policyAnswer struct {
	PrincipalID string         `json:"principalId"`
	Policy      policyDocument `json:"policyDocument"`
	Context     any            `json:"context"`
}

type policyDocument struct {
	Version   string       `json:"Version"`
	Statement [1]statement `json:"Statement"`
}

type statement struct {
	Action   string `json:"Action"`
	Effect   string `json:"Effect"`
	Resource string `json:"Resource"`
}

// identity is what the guarded API gets to know of the caller. All are strings:
// the gateways pass nothing else. A caller with an access token has no key, and
// a service key no user: what there is not is empty. Permissions are parted by
// spaces.
type identity struct {
	OrgID       string `json:"orgId"`
	KeyID       string `json:"keyId"`
	KeyType     string `json:"keyType"`
	UserID      string `json:"userId"`
	Permissions string `json:"permissions"`
}

// refusal is what a gateway response can say of a denial.
type refusal struct {
	Code verify.Code `json:"code"`
}

// contextOf is what goes with a decision.
func contextOf(d verify.Decision) any {
	if d.Outcome != verify.Allowed {
		return refusal{d.Code}
	}
	return identity{
		OrgID: string(d.Identity.Org), KeyID: d.Identity.KeyID.String(), KeyType: string(d.Identity.KeyType),
		UserID: d.Identity.UserID.String(), Permissions: strings.Join(d.Identity.Permissions, " "),
	}
}

// principal is the id of the key, or of the user where there is no key.
func principal(i verify.Identity) string {
	return cmp.Or(i.KeyID.String(), i.UserID.String())
}

// policyOf allows or denies the route of a decision. Of the request, nothing
// but the method reaches the policy, which is one of a fixed few.
func policyOf(q question, d verify.Decision) (any, error) {
	effect, template := "Allow", d.Template
	if d.Outcome != verify.Allowed {
		effect = "Deny"
		if template == "" {
			template = q.Route
		}
	}
	resource, ok := q.arn.route(q.Method, template)
	if !ok && effect == "Allow" {
		return nil, errors.New("the registered route cannot stand in a policy")
	}
	if !ok {
		resource = q.arn.everything()
	}
	return policyAnswer{
		PrincipalID: principal(d.Identity),
		Policy:      policyDocument{"2012-10-17", [1]statement{{"execute-api:Invoke", effect, resource}}},
		Context:     contextOf(d),
	}, nil
}
