package iam

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Call is a request that a function made. Its resource is the operation table's
// name for it. Of its context only what tells kinds of things apart stands for
// itself; the rest, such as an id, is a "*".
type Call struct {
	Function string
	Request
}

// line is the call as a line of a recording.
func (c Call) line() string {
	text, err := json.Marshal(c)
	if err != nil {
		panic("iam: " + err.Error()) // it is made of texts
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

// WriteCalls writes a recording: each call once, in one order, on a line of its
// own. A batch that is a part of another is left out.
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

// within reports whether a call asks for no more than another one does. Only a
// batch's keys have several values, and whoever may read them all may read some:
// a condition for all values of a set holds for every part of it.
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

// Less returns the calls of the first list that ask for something that none of
// the second asks for, each once.
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
