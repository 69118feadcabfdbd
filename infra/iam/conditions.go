package iam

import (
	"fmt"
	"slices"
)

// The condition operators that are supported. The ForAllValues operators are
// true for a missing key, so Null accompanies them.
const (
	// StringEquals requires a single value that is one of those given.
	StringEquals = "StringEquals"
	// AnyStringEquals requires at least one value that is one of those given.
	AnyStringEquals = "ForAnyValue:StringEquals"
	// AllStringsEqual requires every value to be one of those given.
	AllStringsEqual = "ForAllValues:StringEquals"
	// AllStringsLike requires every value to match one of the given patterns, in
	// which * stands for any characters and ? for one.
	AllStringsLike = "ForAllValues:StringLike"
	// Null with "false" requires the key to be present, with "true" to be absent.
	Null = "Null"
)

// Conditions are a statement's conditions, by operator and key. All must hold;
// for each key, one of the listed values is enough.
type Conditions map[string]map[string][]string

// operators report whether the known values of a key satisfy the listed ones.
var operators = map[string]func(known, wanted []string) bool{
	StringEquals: func(known, wanted []string) bool { return len(known) == 1 && slices.Contains(wanted, known[0]) },
	AnyStringEquals: func(known, wanted []string) bool {
		return slices.ContainsFunc(known, func(value string) bool { return slices.Contains(wanted, value) })
	},
	AllStringsEqual: func(known, wanted []string) bool {
		return !slices.ContainsFunc(known, func(value string) bool { return !slices.Contains(wanted, value) })
	},
	AllStringsLike: func(known, wanted []string) bool {
		return !slices.ContainsFunc(known, func(value string) bool {
			return !slices.ContainsFunc(wanted, func(pattern string) bool { return wildcard(pattern, value) })
		})
	},
	Null: func(known, wanted []string) bool { return slices.Contains(wanted, fmt.Sprint(len(known) == 0)) },
}

// Hold reports whether all conditions hold. A condition with an unknown operator
// does not hold.
func (c Conditions) Hold(context map[string][]string) bool {
	for operator, keys := range c {
		holds, known := operators[operator]
		if !known {
			return false
		}
		for key, wanted := range keys {
			if !holds(context[key], wanted) {
				return false
			}
		}
	}
	return true
}

func readConditions(document any) (Conditions, error) {
	if document == nil {
		return nil, nil
	}
	conditions := Conditions{}
	blocks, _ := document.(map[string]any)
	for operator, block := range blocks {
		keys, _ := block.(map[string]any)
		if operators[operator] == nil || len(keys) == 0 {
			return nil, fmt.Errorf("iam: a condition that is not evaluated here: %s %v", operator, block)
		}
		conditions[operator] = map[string][]string{}
		for key, values := range keys {
			all, err := texts(values)
			if err != nil {
				return nil, fmt.Errorf("iam: condition %s of %s: %w", operator, key, err)
			}
			conditions[operator][key] = all
		}
	}
	if len(conditions) == 0 {
		return nil, fmt.Errorf("iam: an empty condition: %v", document)
	}
	return conditions, nil
}
