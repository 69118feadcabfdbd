package iam

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Call is a request that a function made. Its resource has the operation table's
// name. Its context keeps only values that distinguish kinds; others, such as
// ids, are replaced with "*".
type Call struct {
	Function string
	Request
}

// line returns the call as a line of a recording.
func (c Call) line() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic("iam: " + err.Error()) // texts always encode
	}
	return string(text)
}

// ReadCalls reads a recording.
func ReadCalls(file string) ([]Call, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read a recording of calls: %w", err)
	}
	var calls []Call
	if err := json.Unmarshal(data, &calls); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return calls, nil
}

// WriteCalls writes a recording: each call once, sorted, one per line. It leaves
// out a batch that is part of another.
func WriteCalls(file string, calls []Call) error {
	var lines []string
	for _, call := range Less(calls, nil) {
		lines = append(lines, call.line())
	}
	text := "[\n" + strings.Join(lines, ",\n") + "\n]\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write a recording of calls: %w", err)
	}
	return nil
}

// within reports whether a call needs no more than another. Only a batch has
// several keys. A caller who may read them all may read some, because a
// condition on all values of a set holds for every subset.
func (c Call) within(other Call) bool {
	if c.Function != other.Function || c.Action != other.Action || c.Resource != other.Resource || len(c.Context) != len(other.Context) {
		return false
	}
	for key, values := range c.Context {
		known := other.Context[key]
		if len(known) == 0 || slices.ContainsFunc(values, func(value string) bool { return !slices.Contains(known, value) }) {
			return false
		}
	}
	return true
}

// Less returns the calls of the first list that no call of the second covers,
// each once.
func Less(calls, others []Call) []Call {
	var rest []Call
	for _, call := range calls {
		if !slices.ContainsFunc(others, call.within) && !slices.ContainsFunc(rest, call.within) {
			rest = append(slices.DeleteFunc(rest, func(other Call) bool { return other.within(call) }), call)
		}
	}
	slices.SortFunc(rest, func(a, b Call) int { return cmp.Compare(a.line(), b.line()) })
	return rest
}
