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

	"github.com/keyward/keyward/infra/local/client"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/operations"
)

// invoke runs one function on one event and prints the answer. It uses the
// running stack, or else starts one. It returns an error if the answer differs
// from the expected one; for an event without one, if the function fails. With
// [recordVariable] it writes the missing answer.
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
	case c.getenv(recordVariable) != "":
		return c.record(file, answer)
	}
	return nil
}

// invokeAll runs every event of the events folder against a stack of its own,
// and prints whether each answer is the expected one. It hides the functions'
// logs.
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

// clientOf returns the client of the stack that an env file describes. Its URL
// is empty if the file describes none.
func clientOf(variables map[string]string) client.Client {
	return client.New(variables[envURL], variables[envKey])
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// eventName returns an event file's name without its extension.
func eventName(file string) string { return strings.TrimSuffix(filepath.Base(file), ".json") }

// functionOf returns the function that an event file is for: its name up to
// "--", or to the kind of authorizer event.
func functionOf(file string) string {
	name, _, _ := strings.Cut(eventName(file), "--")
	if strings.HasPrefix(name, operations.Authorizer.Name+"-") {
		return operations.Authorizer.Name
	}
	return name
}

// readEvent reads an event. If the file is missing, the error names the
// function's other events in that folder.
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

// target returns the variables of the running stack, or else of a new one. A
// running stack that refuses the admin key, such as that of a suspended
// organization, cannot serve an event that needs a key; it serves any other.
func (c command) target(ctx context.Context, event string) (variables map[string]string, stop func(), err error) {
	variables = readEnv(filepath.Join(c.local, "env"))
	if running := clientOf(variables); running.URL != "" {
		err := running.Answers(ctx)
		if _, runs := errors.AsType[*client.Refused](err); err == nil || runs && !needsKey(event) {
			return variables, func() {}, nil
		}
		_, _ = fmt.Fprintln(c.stderr, "keyward: "+why(running.URL, err)+", so this uses a stack of its own, which goes away afterwards")
	}
	return c.ownStack(ctx)
}

// ownStack returns the variables of a new stack. stop ends it.
func (c command) ownStack(ctx context.Context) (variables map[string]string, stop func(), err error) {
	s, err := stack.Start(ctx, stack.Options{Root: c.root, Progress: c.stderr})
	if err != nil {
		return nil, nil, err
	}
	variables = s.Variables()
	variables[envURL], variables[envKey] = s.URL, s.AdminKey
	return variables, s.Stop, nil
}

// why returns in one line why the env file's stack cannot be used.
func why(url string, err error) string {
	if r, ok := errors.AsType[*client.Refused](err); ok {
		return fmt.Sprintf("what runs at %s refuses the key in .local/env (%s)", url, r.Status)
	}
	return fmt.Sprintf("nothing answers at %s, which .local/env names", url)
}
