package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Each way to fail has the type and the message that Lambda gives it, and the
// next invocation works.
func TestFunctionErrors(t *testing.T) {
	for _, c := range []struct{ name, event, kind, message string }{
		{"returned", `{"do":"error","text":"Unauthorized"}`, "errorString", "Unauthorized"},
		{"panic", `{"do":"panic","text":"oh"}`, "string", "oh"},
		{"exit 7", `{"do":"exit","millis":7}`, ExitError, "Runtime exited with error: exit status 7"},
		{"exit 0", `{"do":"exit"}`, ExitError, "Runtime exited without providing a reason"},
		{"time-out", `{"do":"slow","millis":60000}`, TimedOut, "Task timed out after 0.50 seconds"},
		{"too large", `{"do":"large","millis":6291456}`, ResponseTooLarge, "exceeded maximum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, Function{Timeout: 500 * time.Millisecond}, nil)
			invoke(t, r, `{}`)
			_, err := r.Invoke(t.Context(), "fn", []byte(c.event))
			failure, ok := errors.AsType[*FunctionError](err)
			if !ok || failure.Type != c.kind || !strings.Contains(failure.Message, c.message) {
				t.Fatalf("error %v, want %s: ...%s", err, c.kind, c.message)
			}
			if c.name == "returned" && failure.Message != c.message {
				t.Errorf("message %q must stand alone", failure.Message)
			}
			invoke(t, r, `{}`)
		})
	}
}

// A process that fails before it polls fails the invocation that waits for it,
// at once, every time.
func TestInitFailure(t *testing.T) {
	r := start(t, Function{Environment: map[string]string{"AT_START": "exit"}}, nil)
	for range 2 {
		_, err := r.Invoke(t.Context(), "fn", []byte(`{}`))
		if failure, ok := errors.AsType[*FunctionError](err); !ok || failure.Type != ExitError || !strings.Contains(failure.Message, "exit status 3") {
			t.Fatalf("error %v, want %s with the exit status", err, ExitError)
		}
	}
	r = start(t, Function{Binary: filepath.Join(t.TempDir(), "none")}, nil)
	_, err := r.Invoke(t.Context(), "fn", []byte(`{}`))
	if failure, ok := errors.AsType[*FunctionError](err); !ok || failure.Type != InvalidEntrypoint {
		t.Fatalf("error %v, want %s", err, InvalidEntrypoint)
	}
}

// A function sees what Lambda sets and what it is given, and nothing of the
// shell's environment.
func TestEnvironment(t *testing.T) {
	t.Setenv("SHELL_ONLY", "leaks")
	t.Setenv("AWS_PROFILE", "leaks")
	r := start(t, Function{Environment: map[string]string{"OWN": "value"}, MemoryMB: 128}, nil)
	answer, err := r.Invoke(t.Context(), "fn", []byte(`{"do":"environment"}`))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	if err := json.Unmarshal(answer, &list); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, variable := range list {
		name, value, _ := strings.Cut(variable, "=")
		got[name] = value
		if value == "leaks" || name == "HOME" {
			t.Errorf("%s came from the shell", name)
		}
	}
	for name, want := range map[string]string{
		"OWN": "value", "AWS_REGION": "us-east-1", "AWS_LAMBDA_FUNCTION_NAME": "fn",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128", "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

// Stop ends every process, fails what runs, and refuses what comes after.
func TestStop(t *testing.T) {
	r := start(t, Function{}, nil)
	pid := invoke(t, r, `{}`).PID
	failed := make(chan error)
	go func() {
		_, err := r.Invoke(context.Background(), "fn", []byte(`{"do":"slow","millis":60000}`))
		failed <- err
	}()
	time.Sleep(50 * time.Millisecond)
	r.Stop()
	if err := <-failed; err == nil {
		t.Error("an invocation outlived the runtime")
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
	if _, err := r.Invoke(t.Context(), "fn", []byte(`{}`)); err == nil {
		t.Error("an invocation after Stop succeeded")
	}
}

// A recycled function starts anew; a caller that gives up, a name that is not
// known and an event that is too large are errors of their own.
func TestInvokeEdges(t *testing.T) {
	r := start(t, Function{MaxProcesses: 1}, nil)
	before := invoke(t, r, `{}`).PID
	r.Recycle("fn")
	if after := invoke(t, r, `{}`); after.PID == before || after.Calls != 1 {
		t.Errorf("after recycling: %+v, was process %d", after, before)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := r.Invoke(ctx, "fn", []byte(`{"do":"slow","millis":300}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a caller that gave up got %v", err)
	}
	invoke(t, r, `{}`)
	if _, err := r.Invoke(t.Context(), "other", nil); err == nil {
		t.Error("an unknown function answered")
	}
	if _, err := r.Invoke(t.Context(), "fn", make([]byte, MaxPayload+1)); err == nil {
		t.Error("an event over the limit was taken")
	}
}
