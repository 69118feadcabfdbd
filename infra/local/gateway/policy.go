package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/keyward/keyward/infra/iam"
)

// invokeAction is what a caller of an API does, in the words of IAM.
const invokeAction = "execute-api:Invoke"

// policy is an IAM policy, as far as authorizers use it.
type policy struct{ iam.Policy }

// parsePolicy reads a policy document. A condition is an error: what is known of
// a request is not evaluated here.
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
