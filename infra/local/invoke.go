package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/operations"
)

// invoke runs one function on one event, against the stack that runs or else
// one of its own, and prints the answer. It is an error where the event's own answer
// is another, and where the function fails for an event that has none.
func (c command) invoke(ctx context.Context, function, file string) error {
	if _, known := operations.Find(function); !known {
		return fmt.Errorf("there is no function %q: see the folder functions", function)
	}
	text, err := readEvent(function, file)
	if err != nil {
		return err
	}
	variables, stop, err := c.target(ctx, text)
	if err != nil {
		return err
	}
	defer stop()
	r, err := c.startRunner(variables)
	if err != nil {
		return err
	}
	defer r.runtime.Stop()
	answer, failed, err := r.run(ctx, function, text)
	if err != nil {
		return err
	}
	c.print(answer)
	expected, known := c.expected(file)
	switch {
	case known:
		return c.compare(expected, answer)
	case failed:
		return errors.New("the function's answer is an error")
	}
	return nil
}

// invokeAll runs every event of the folder events, against a stack of its own, and
// says of each whether its answer is the expected one. What the functions log is not
// shown.
func (c command) invokeAll(ctx context.Context) error {
	variables, stop, err := c.ownStack(ctx)
	if err != nil {
		return err
	}
	defer stop()
	c.stderr = io.Discard
	r, err := c.startRunner(variables)
	if err != nil {
		return err
	}
	defer r.runtime.Stop()
	return r.checkAll(ctx)
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// eventName is an event file's name without its ending.
func eventName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".json") }

// functionOf is the function that an event file of the folder events is for: its name
// up to "--", or to what kind of authorizer event it is.
func functionOf(file string) string {
	name, _, _ := strings.Cut(eventName(file), "--")
	if strings.HasPrefix(name, operations.Authorizer.Name+"-") {
		return operations.Authorizer.Name
	}
	return name
}

// readEvent reads an event. Where the file is missing, but others for the
// function stand beside where it should be, the error names them.
func readEvent(function, file string) (string, error) {
	text, err := os.ReadFile(file)
	if others, _ := filepath.Glob(filepath.Join(filepath.Dir(file), function+"*.json")); errors.Is(err, fs.ErrNotExist) && len(others) > 0 {
		return "", fmt.Errorf("there is no %s: set EVENT to %s", file, strings.Join(others, " or "))
	}
	if err != nil {
		return "", fmt.Errorf("read the event: %w", err)
	}
	if !json.Valid(text) {
		return "", fmt.Errorf("the event in %s is not JSON", file)
	}
	return string(text), nil
}

// target is the variables of the stack that runs, if one does, or else of a new one.
// A stack that runs but refuses the admin key, as that of a suspended organization
// does, is of no use to an event that needs a key, and as good as any to another.
func (c command) target(ctx context.Context, event string) (variables map[string]string, stop func(), err error) {
	variables = readEnv(filepath.Join(c.local, "env"))
	if running := clientOf(variables); running.url != "" {
		err := running.answers(ctx)
		if _, runs := errors.AsType[*refused](err); err == nil || runs && !needsKey(event) {
			return variables, func() {}, nil
		}
		_, _ = fmt.Fprintln(c.stderr, "keyward: "+why(running.url, err)+", so this uses a stack of its own, which goes away afterwards")
	}
	return c.ownStack(ctx)
}

// ownStack is the variables of a new stack, which stop ends.
func (c command) ownStack(ctx context.Context) (variables map[string]string, stop func(), err error) {
	s, err := stack.Start(ctx, stack.Options{Root: c.root, Progress: c.stderr})
	if err != nil {
		return nil, nil, err
	}
	variables = s.Variables()
	variables[envURL], variables[envKey] = s.URL, s.AdminKey
	return variables, s.Stop, nil
}

// why says in a line why the stack of the env file is of no use.
func why(url string, err error) string {
	if r, ok := errors.AsType[*refused](err); ok {
		return fmt.Sprintf("what runs at %s refuses the key in .local/env (%s)", url, r.status)
	}
	return fmt.Sprintf("nothing answers at %s, which .local/env names", url)
}
