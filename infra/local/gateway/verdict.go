package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/keyward/keyward/infra/iam"
)

// readPolicyAnswer parses the answer of a TOKEN or REQUEST authorizer. Functions
// see a flat context of texts.
func readPolicyAnswer(text []byte) (verdict, error) {
	var answer struct {
		PrincipalID    *string         `json:"principalId"`
		PolicyDocument json.RawMessage `json:"policyDocument"`
		Context        map[string]any  `json:"context"`
	}
	if err := decodeNumbers(text, &answer); err != nil {
		return verdict{}, err
	}
	if answer.PrincipalID == nil || *answer.PrincipalID == "" {
		return verdict{}, errors.New("it has no principalId")
	}
	p, err := parsePolicy(answer.PolicyDocument)
	if err != nil {
		return verdict{}, err
	}
	context := map[string]any{}
	for name, value := range answer.Context {
		switch value := value.(type) {
		case string:
			context[name] = value
		case json.Number:
			context[name] = value.String()
		case bool:
			context[name] = strconv.FormatBool(value)
		case nil:
		default:
			return verdict{}, fmt.Errorf("its context's %q is not a string, number or boolean", name)
		}
	}
	context["principalId"] = *answer.PrincipalID
	context["integrationLatency"] = 0
	return verdict{policy: p, context: context}, nil
}

// readHTTPPolicyAnswer parses the policy answer of an HTTP API's authorizer. Its
// functions see only the context.
func readHTTPPolicyAnswer(text []byte) (verdict, error) {
	v, err := readPolicyAnswer(text)
	delete(v.context, "principalId")
	delete(v.context, "integrationLatency")
	return v, err
}

// readSimpleAnswer parses the simple answer of an HTTP API's authorizer. Its
// context keeps its JSON types.
func readSimpleAnswer(text []byte) (verdict, error) {
	var answer struct {
		IsAuthorized *bool          `json:"isAuthorized"`
		Context      map[string]any `json:"context"`
	}
	if err := decodeNumbers(text, &answer); err != nil {
		return verdict{}, err
	}
	if answer.IsAuthorized == nil {
		return verdict{}, errors.New("it has no isAuthorized")
	}
	if answer.Context == nil {
		answer.Context = map[string]any{}
	}
	return verdict{simple: *answer.IsAuthorized, context: answer.Context}, nil
}

// parsePolicy parses a policy document. A condition is an error, because
// conditions are not evaluated here.
func parsePolicy(document json.RawMessage) (iam.Policy, error) {
	var decoded any
	if err := json.Unmarshal(document, &decoded); err != nil {
		return nil, fmt.Errorf("the policy is not JSON: %w", err)
	}
	policy, err := iam.Read(decoded)
	if slices.ContainsFunc(policy, func(s iam.Statement) bool { return len(s.Conditions) > 0 }) {
		return nil, errors.New("the policy has a condition")
	}
	return policy, err
}

// decodeNumbers decodes an object and keeps numbers as written.
func decodeNumbers(text []byte, into any) error {
	if text = bytes.TrimSpace(text); !bytes.HasPrefix(text, []byte("{")) {
		return errors.New("it is not an object")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return errors.New("it has a field of the wrong type, or is not JSON")
	}
	return nil
}
