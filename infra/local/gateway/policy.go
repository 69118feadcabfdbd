package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/keyward/keyward/infra/iam"
)

// invokeAction is the IAM action of calling an API.
const invokeAction = "execute-api:Invoke"

// policy is an IAM policy, limited to what authorizers use.
type policy struct{ iam.Policy }

// parsePolicy parses a policy document. A condition is an error, because
// conditions are not evaluated here.
func parsePolicy(document json.RawMessage) (policy, error) {
	var decoded any
	if err := json.Unmarshal(document, &decoded); err != nil {
		return policy{}, fmt.Errorf("the policy is not JSON: %w", err)
	}
	read, err := iam.Read(decoded)
	if err != nil {
		return policy{}, err
	}
	if slices.ContainsFunc(read, func(s iam.Statement) bool { return len(s.Conditions) > 0 }) {
		return policy{}, errors.New("the policy has a condition")
	}
	return policy{read}, nil
}

// allows evaluates the policy for one request.
func (p policy) allows(arn string) bool {
	return p.Allows(iam.Request{Action: invokeAction, Resource: arn})
}
