package gateway

import "github.com/keyward/keyward/shared/verify"

// appendWholeAPI appends a policy for the whole API, for this caller. Gateways may
// cache it for all routes. Allowed and refused routes share this one answer. So the
// context holds both the caller and the code of a refusal.
func appendWholeAPI(into []byte, arn methodARN, d verify.Decision) []byte {
	into = appendPrincipal(append(into, `{"principalId":"`...), d.Identity)
	into = append(into, `","policyDocument":{"Version":"2012-10-17","Statement":[`...)
	if len(d.Resources.Allow) == 0 {
		into = append(appendResources(appendEffect(into, "Deny"), arn, []string{"*"}), `}]},"context":`...)
		d.Outcome, d.Code = verify.Forbidden, verify.PermissionMissing
		return append(appendContext(into, &d), '}')
	}
	into = append(appendResources(appendEffect(into, "Allow"), arn, d.Resources.Allow), '}')
	if len(d.Resources.Deny) > 0 {
		into = append(appendResources(appendEffect(append(into, ','), "Deny"), arn, d.Resources.Deny), '}')
	}
	d.Outcome = verify.Allowed
	into = appendContext(append(into, `]},"context":`...), &d)
	if !d.Resources.AllOpen {
		into = append(into[:len(into)-1], `,"code":"`+string(verify.PermissionMissing)+`"}`...)
	}
	return append(into, '}')
}

// appendResources appends a list of resources of the stage. They need no JSON
// escapes.
func appendResources(into []byte, arn methodARN, resources []string) []byte {
	for i, resource := range resources {
		separator := byte(',')
		if i == 0 {
			separator = '['
		}
		into = append(append(append(into, separator, '"'), arn.stage...), '/')
		into = append(append(into, resource...), '"')
	}
	return append(into, ']')
}
