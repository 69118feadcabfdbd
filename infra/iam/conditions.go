package iam

import (
	"fmt"
	"slices"
)

// The operators of conditions that are evaluated here. Null stands beside those
// "for all values", which are true of a key that is not known.
const (
	// StringEquals wants one value, which must be one of those given.
	StringEquals = "StringEquals"
	// AnyStringEquals wants one value at least, of which one must be one of those
	// given.
	AnyStringEquals = "ForAnyValue:StringEquals"
	// AllStringsEqual wants every value to be one of those given.
	AllStringsEqual = "ForAllValues:StringEquals"
	// AllStringsLike wants every value to be like one of the given patterns,
	// in which * stands for any characters and ? for one.
	AllStringsLike = "ForAllValues:StringLike"
	// Null with "false" wants the key to be known, with "true" not to be.
	Null = "Null"
)

// Conditions are a statement's, all of which must hold: by operator and by key,
// the values of which one is enough.
type Conditions map[string]map[string][]string

// operators say whether what is known of a key is as one of the values wants.
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

// Hold reports whether all conditions hold. One with an unknown operator does
// not.
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
