package iam

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func call(action string, keys ...string) Call {
	c := Call{Function: "f", Request: Request{Action: action, Resource: "r"}}
	if keys != nil {
		c.Context = map[string][]string{"k": keys}
	}
	return c
}

// A recording is read as written, for any order of the calls. Each kind of call
// has its own line.
func TestRecording(t *testing.T) {
	one, other := filepath.Join(t.TempDir(), "one.json"), filepath.Join(t.TempDir(), "other.json")
	calls := []Call{call("a"), call("b"), call("b", "x")}
	if err := WriteCalls(one, calls); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(calls)
	if err := WriteCalls(other, append(calls, calls...)); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(one)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(other)
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Errorf("%s\nand %s", first, second)
	}
	read, err := ReadCalls(one)
	if err != nil || len(Less(read, calls)) > 0 || len(Less(calls, read)) > 0 {
		t.Errorf("read %v, %v", read, err)
	}
}

// A missing or damaged recording is an error that names it.
func TestReadCallsFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "calls.json")
	if _, err := ReadCalls(file); err == nil {
		t.Error("a missing one was read")
	}
	if err := os.WriteFile(file, []byte(`[{"Function":`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadCalls(file); err == nil {
		t.Error("a damaged one was read")
	}
}

// Less returns each kind of call once, sorted. Calls differ if their contexts
// do. A batch is covered by one with more kinds, but not the reverse.
func TestLess(t *testing.T) {
	for _, c := range []struct{ calls, others, want []Call }{
		{[]Call{call("b"), call("a"), call("b"), call("c", "x"), call("c", "y")}, []Call{call("a"), call("c", "x")}, []Call{call("b"), call("c", "y")}},
		{[]Call{call("c", "x"), call("c", "x", "y"), call("c", "y")}, nil, []Call{call("c", "x", "y")}},
		{[]Call{call("c", "y"), call("d", "y"), call("c")}, []Call{call("c", "x", "y")}, []Call{call("c"), call("d", "y")}},
		{[]Call{call("c", "x", "y")}, []Call{call("c", "x"), call("c", "y")}, []Call{call("c", "x", "y")}},
	} {
		got := Less(c.calls, c.others)
		if !slices.EqualFunc(got, c.want, func(a, b Call) bool { return a.line() == b.line() }) {
			t.Errorf("%v less %v: %v, want %v", c.calls, c.others, got, c.want)
		}
	}
}
