package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/local/lambda"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/operations"
)

// What an event may hold for a value that only a running stack knows.
const (
	placeKey    = "KEYWARD_API_KEY"
	placeKeyID  = "KEYWARD_KEY_ID"
	placeTarget = "KEYWARD_TARGET_ID"
	placePolicy = "KEYWARD_TARGET_POLICY_ID"
	placeUser   = "KEYWARD_TARGET_USER_ID"
)

// invoke runs one function on one event, against the stack that runs or else
// one of its own, and prints the answer. The function's own error is printed
// too, as Lambda reports it, and is an error here.
func (c command) invoke(ctx context.Context, function, file string) error {
	if _, known := operations.Find(function); !known {
		return fmt.Errorf("there is no function %q: see the folder functions", function)
	}
	text, err := readEvent(function, file)
	if err != nil {
		return err
	}
	variables, stop, err := c.target(ctx)
	if err != nil {
		return err
	}
	defer stop()
	event, made, err := fill(ctx, clientOf(variables), text)
	defer c.remove(ctx, clientOf(variables), made)
	if err != nil {
		return err
	}
	functions, err := stack.Functions(c.root, 0)
	if err != nil {
		return err
	}
	runtime, err := stack.StartRuntime(functions, variables, func(_, line string) { _, _ = fmt.Fprintln(c.stderr, line) })
	if err != nil {
		return err
	}
	defer runtime.Stop()
	answer, err := runtime.Invoke(ctx, function, []byte(event))
	return c.print(answer, err)
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

// target is the variables of the stack that runs, if one does, or of a new one
// that stop ends.
func (c command) target(ctx context.Context) (variables map[string]string, stop func(), err error) {
	variables = readEnv(filepath.Join(c.local, "env"))
	if running := clientOf(variables); running.url != "" {
		err := running.answers(ctx)
		if err == nil {
			return variables, func() {}, nil
		}
		_, _ = fmt.Fprintln(c.stderr, "keyward: "+why(running.url, err)+", so this uses a stack of its own, which goes away afterwards")
	}
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

// fill puts real values in the place of the names above: a key that acts as the
// admin key's user, made for this, and others to act on. Made are the paths of what it made,
// also where it fails.
func fill(ctx context.Context, admin client, event string) (filled string, made []string, err error) {
	for _, stand := range standIns {
		if !slices.ContainsFunc(stand.places, func(place string) bool { return strings.Contains(event, place) }) {
			continue
		}
		thing, err := admin.create(ctx, stand.path, stand.name, stand.draft())
		if err != nil {
			return "", made, err
		}
		made = append(made, stand.path+"/"+thing.ID)
		for _, place := range stand.places {
			value := thing.ID
			if place == placeKey {
				value = thing.Text
			}
			event = strings.ReplaceAll(event, place, value)
		}
	}
	return event, made, nil
}

// remove deletes what fill made, also once ctx has ended. What the event has
// removed is gone already.
func (c command) remove(ctx context.Context, admin client, made []string) {
	for _, path := range made {
		err := admin.delete(context.WithoutCancel(ctx), path)
		if r, ok := errors.AsType[*refused](err); ok && r.code == http.StatusNotFound {
			err = nil
		}
		if err != nil {
			_, _ = fmt.Fprintln(c.stderr, "keyward: something made for the event is left:", err)
		}
	}
}

// standIns are what is made for an event, and the names that stand for it there.
var standIns = []struct {
	path, name string
	draft      func() map[string]any
	places     []string
}{
	{"/v1/apikeys", "invoke: caller", func() map[string]any {
		return map[string]any{"type": "personal"}
	}, []string{placeKey, placeKeyID}},
	{"/v1/apikeys", "invoke: target", func() map[string]any {
		return map[string]any{"permissions": []string{"ManageApiKeys"}, "recoverable": true}
	}, []string{placeTarget}},
	{"/v1/policies", "invoke: target", func() map[string]any {
		return map[string]any{"permissions": []string{"ManageApiKeys"}}
	}, []string{placePolicy}},
	{"/v1/users", "invoke: target", func() map[string]any {
		return map[string]any{"email": strings.ToLower(rand.Text()[:8]) + "@example.com", "role": "MEMBER", "permissions": []string{}}
	}, []string{placeUser}},
}

// print writes an answer, or an error in the form in which Lambda reports it.
func (c command) print(answer []byte, err error) error {
	failure, own := errors.AsType[*lambda.FunctionError](err)
	if err != nil && !own {
		return err
	}
	if own {
		answer, err = json.Marshal(map[string]string{"errorType": failure.Type, "errorMessage": failure.Message})
		if err != nil {
			return err
		}
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, answer, "", "  ") != nil {
		pretty.Reset()
		pretty.Write(answer)
	}
	_, _ = fmt.Fprintln(c.stdout, pretty.String())
	if own {
		return errors.New("the function's answer is an error")
	}
	return nil
}
