// Package iam decides whether a policy allows a request, as AWS IAM does, for
// the subset of IAM that the functions' roles use: plain statements and a few
// conditions. It refuses to read anything else, so that no proof rests on
// something it did not understand. Only tests and the local stack use it,
// nothing deployed.
package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Request is one action on one resource.
type Request struct {
	// Action is an action such as "dynamodb:GetItem". Resource is an ARN, or
	// whatever the policies use in its place.
	Action, Resource string
	// Context is what is known about the request, by condition key. A key that is
	// absent or has no value is unknown.
	Context map[string][]string `json:",omitempty"`
}

// Policy is the list of a policy's statements.
type Policy []Statement

// Statement allows or denies actions on resources, under conditions.
type Statement struct {
	Deny bool
	// Actions and Resources may have the wildcards * and ?.
	Actions, Resources []string
	Conditions         Conditions
}

// Read returns the policy of a document that JSON or YAML decoded into maps and
// lists. An unsupported element is an error.
func Read(document any) (Policy, error) {
	elements, ok := document.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("iam: the policy is no object: %v", document)
	}
	for name := range elements {
		if !slices.Contains([]string{"Version", "Id", "Statement"}, name) {
			return nil, fmt.Errorf("iam: the policy has an element %s", name)
		}
	}
	if version, given := elements["Version"]; given && version != "2012-10-17" && version != "2008-10-17" {
		return nil, fmt.Errorf("iam: the policy's version is %v", version)
	}
	statements := OneOrMany(elements["Statement"])
	if len(statements) == 0 {
		return nil, errors.New("iam: the policy has no statement")
	}
	var policy Policy
	for _, element := range statements {
		statement, err := readStatement(element)
		if err != nil {
			return nil, err
		}
		policy = append(policy, statement)
	}
	return policy, nil
}

func readStatement(document any) (Statement, error) {
	elements, _ := document.(map[string]any)
	for name := range elements {
		if !slices.Contains([]string{"Sid", "Effect", "Action", "Resource", "Condition"}, name) {
			return Statement{}, fmt.Errorf("iam: a statement has an element %s", name)
		}
	}
	effect := elements["Effect"]
	if effect != "Allow" && effect != "Deny" {
		return Statement{}, fmt.Errorf("iam: a statement's effect is %v", effect)
	}
	actions, err := texts(elements["Action"])
	if err != nil {
		return Statement{}, fmt.Errorf("iam: a statement's Action: %w", err)
	}
	resources, err := texts(elements["Resource"])
	if err != nil {
		return Statement{}, fmt.Errorf("iam: a statement's Resource: %w", err)
	}
	condition, conditional := elements["Condition"]
	if !conditional {
		return Statement{effect == "Deny", actions, resources, nil}, nil
	}
	conditions, err := readConditions(condition)
	return Statement{effect == "Deny", actions, resources, conditions}, err
}

// Allows reports whether some statement allows the request and none denies it.
func (p Policy) Allows(request Request) bool {
	allowed := false
	for _, statement := range p {
		if !statement.matches(request) {
			continue
		}
		if statement.Deny {
			return false
		}
		allowed = true
	}
	return allowed
}

func (s Statement) matches(request Request) bool {
	on := func(pattern string) bool { return matchResource(pattern, request.Resource) }
	named := func(pattern string) bool { return wildcard(strings.ToLower(pattern), strings.ToLower(request.Action)) }
	return slices.ContainsFunc(s.Resources, on) && slices.ContainsFunc(s.Actions, named) && s.Conditions.Hold(request.Context)
}

// OneOrMany returns the value as a list, because IAM, like CloudFormation,
// accepts a single item for a list of one.
func OneOrMany(value any) []any {
	switch value := value.(type) {
	case nil:
		return nil
	case []any:
		return value
	default:
		return []any{value}
	}
}

// texts returns a text or a list of texts as a list; an empty list is an error.
// An object, which is a reference in a template, becomes its printed form.
func texts(value any) ([]string, error) {
	var all []string
	for _, item := range OneOrMany(value) {
		switch item.(type) {
		case string, map[string]any:
			all = append(all, fmt.Sprint(item))
		default:
			return nil, fmt.Errorf("want a string or a list of strings, not %v", item)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("there is none")
	}
	return all, nil
}
