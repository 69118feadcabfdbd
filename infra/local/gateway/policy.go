package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// invokeAction is what a caller of an API does, in the words of IAM.
const invokeAction = "execute-api:Invoke"

// policy is an IAM policy, as far as authorizers use it.
type policy []statement

type statement struct {
	deny               bool
	actions, resources []string
}

// parsePolicy reads a policy document. Elements whose effect is not evaluated
// here, such as conditions, are errors rather than ignored.
func parsePolicy(document json.RawMessage) (policy, error) {
	var outer map[string]json.RawMessage
	if err := json.Unmarshal(document, &outer); err != nil || outer == nil {
		return nil, errors.New("the policy is not an object")
	}
	for name, value := range outer {
		switch name {
		case "Statement", "Id":
		case "Version":
			if v := string(value); v != `"2012-10-17"` && v != `"2008-10-17"` {
				return nil, fmt.Errorf("the policy's version is %s", v)
			}
		default:
			return nil, fmt.Errorf("the policy has an element %q", name)
		}
	}
	var list []json.RawMessage
	if err := json.Unmarshal(outer["Statement"], &list); err != nil {
		list = []json.RawMessage{outer["Statement"]}
	}
	if len(list) == 0 {
		return nil, errors.New("the policy has no statement")
	}
	var p policy
	for _, text := range list {
		s, err := parseStatement(text)
		if err != nil {
			return nil, err
		}
		p = append(p, s)
	}
	return p, nil
}

func parseStatement(text json.RawMessage) (s statement, err error) {
	var elements map[string]json.RawMessage
	if err := json.Unmarshal(text, &elements); err != nil || elements == nil {
		return s, errors.New("a statement is not an object")
	}
	for name := range elements {
		switch name {
		case "Sid", "Effect", "Action", "Resource":
		default:
			return s, fmt.Errorf("a statement has an element %q", name)
		}
	}
	switch string(elements["Effect"]) {
	case `"Allow"`:
	case `"Deny"`:
		s.deny = true
	default:
		return s, fmt.Errorf("a statement's effect is %s", elements["Effect"])
	}
	if s.actions, err = oneOrMany(elements["Action"]); err != nil {
		return s, fmt.Errorf("a statement's Action: %w", err)
	}
	if s.resources, err = oneOrMany(elements["Resource"]); err != nil {
		return s, fmt.Errorf("a statement's Resource: %w", err)
	}
	return s, nil
}

// oneOrMany reads a string or a list of strings; none is an error.
func oneOrMany(text json.RawMessage) ([]string, error) {
	var list []*string
	if err := json.Unmarshal(text, &list); err != nil {
		list = []*string{nil}
		if err := json.Unmarshal(text, &list[0]); err != nil {
			return nil, errors.New("neither a string nor a list of strings")
		}
	}
	var values []string
	for _, value := range list {
		if value == nil {
			return nil, errors.New("missing")
		}
		values = append(values, *value)
	}
	if len(values) == 0 {
		return nil, errors.New("empty")
	}
	return values, nil
}

// allows evaluates the policy for one request: a matching Deny wins, then a
// matching Allow; nothing else is allowed.
func (p policy) allows(arn string) bool {
	allowed := false
	for _, s := range p {
		if !s.matches(arn) {
			continue
		}
		if s.deny {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s statement) matches(arn string) bool {
	action := strings.ToLower(invokeAction)
	for _, a := range s.actions {
		if !wildcard(strings.ToLower(a), action) {
			continue
		}
		for _, r := range s.resources {
			if matchARN(r, arn) {
				return true
			}
		}
	}
	return false
}
