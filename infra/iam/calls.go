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
// own.
func WriteCalls(file string, calls []Call) error {
	var lines []string
	for _, call := range calls {
		lines = append(lines, call.line())
	}
	slices.Sort(lines)
	text := "[\n" + strings.Join(slices.Compact(lines), ",\n") + "\n]\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		return fmt.Errorf("write a recording of calls: %w", err)
	}
	return nil
}

// Less returns the calls of the first list that are not in the second, each
// once.
func Less(calls, others []Call) []Call {
	known := map[string]bool{}
	for _, call := range others {
		known[call.line()] = true
	}
	var rest []Call
	for _, call := range calls {
		if line := call.line(); !known[line] {
			known[line] = true
			rest = append(rest, call)
		}
	}
	slices.SortFunc(rest, func(a, b Call) int { return cmp.Compare(a.line(), b.line()) })
	return rest
}
