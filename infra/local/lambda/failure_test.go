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

	"github.com/keyward/keyward/infra/local/await"
)

// Each failure has Lambda's type and message, and the next invocation works.
func TestFunctionErrors(t *testing.T) {
	for _, c := range []struct{ name, event, kind, message string }{
		{"returned", `{"do":"error","text":"Unauthorized"}`, "errorString", "Unauthorized"},
		{"panic", `{"do":"panic","text":"oh"}`, "string", "oh"},
		{"exit 7", `{"do":"exit","millis":7}`, ExitError, "Runtime exited with error: exit status 7"},
		{"exit 0", `{"do":"exit"}`, ExitError, "Runtime exited without providing a reason"},
		{"too large", `{"do":"large","millis":6291456}`, ResponseTooLarge, "exceeded maximum"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t, Function{}, nil)
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

// hold starts an invocation that ends when a file of that name exists, and
// returns once it runs.
func hold(t *testing.T, ctx context.Context, r *Runtime, release string) (ended <-chan error) {
	t.Helper()
	outcome := make(chan error, 1)
	go func() {
		_, err := r.Invoke(ctx, "fn", []byte(`{"do":"hold","text":"`+release+`"}`))
		outcome <- err
	}()
	await.Until(t, "the invocation runs", func() bool { running, _, _ := holds(r); return running == 1 })
	return outcome
}

// An invocation over its function's timeout fails, and its process ends. The
// next invocation works.
func TestTimeOut(t *testing.T) {
	r := start(t, Function{MaxProcesses: 1}, nil)
	before := invoke(t, r, `{}`).PID
	failed := hold(t, t.Context(), r, "/nothing")
	p := r.functions["fn"]
	p.mu.Lock()
	for _, inv := range p.running {
		inv.deadline.Reset(0) // as if an hour had passed
	}
	p.mu.Unlock()
	wantTimeOut(t, await.Next(t, "the time-out", failed), "3600.00")
	if after := invoke(t, r, `{}`).PID; after == before {
		t.Error("the process that took too long goes on")
	}
	r = start(t, Function{Timeout: 10 * time.Millisecond}, nil)
	_, err := r.Invoke(t.Context(), "fn", []byte(`{"do":"hold","text":"/nothing"}`))
	wantTimeOut(t, err, "0.01")
}

func wantTimeOut(t *testing.T, err error, seconds string) {
	t.Helper()
	failure, ok := errors.AsType[*FunctionError](err)
	if !ok || failure.Type != TimedOut || !strings.Contains(failure.Message, "Task timed out after "+seconds+" seconds") {
		t.Fatalf("error %v, want a time-out after %s s", err, seconds)
	}
}

// A process that fails before its first poll fails the waiting invocation at
// once, every time.
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

// A function sees Lambda's variables and its own, but nothing of the shell's
// environment.
func TestEnvironment(t *testing.T) {
	t.Setenv("SHELL_ONLY", "leaks")
	t.Setenv("AWS_PROFILE", "leaks")
	r := start(t, Function{Environment: map[string]string{"OWN": "value"}}, nil)
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
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
}

// Stop ends every process, fails running invocations, and refuses later ones.
func TestStop(t *testing.T) {
	r := start(t, Function{}, nil)
	pid := invoke(t, r, `{}`).PID
	failed := hold(t, context.Background(), r, "/nothing")
	r.Stop()
	if err := await.Next(t, "the invocation's end", failed); err == nil {
		t.Error("an invocation outlived the runtime")
	}
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
		t.Errorf("process %d is still there: %v", pid, err)
	}
	if _, err := r.Invoke(t.Context(), "fn", []byte(`{}`)); err == nil {
		t.Error("an invocation after Stop succeeded")
	}
}

// A recycled function starts a new process. A caller that gives up, an unknown
// name and a too large event have errors of their own.
func TestInvokeEdges(t *testing.T) {
	r := start(t, Function{MaxProcesses: 1}, nil)
	before := invoke(t, r, `{}`).PID
	r.Recycle("fn")
	if after := invoke(t, r, `{}`); after.PID == before || after.Calls != 1 {
		t.Errorf("after recycling: %+v, was process %d", after, before)
	}
	release := filepath.Join(t.TempDir(), "release")
	ctx, cancel := context.WithCancel(t.Context())
	gaveUp := hold(t, ctx, r, release)
	cancel()
	if err := await.Next(t, "the caller gives up", gaveUp); !errors.Is(err, context.Canceled) {
		t.Errorf("a caller that gave up got %v", err)
	}
	create(t, release)
	invoke(t, r, `{}`)
	if _, err := r.Invoke(t.Context(), "other", nil); err == nil {
		t.Error("an unknown function answered")
	}
	if _, err := r.Invoke(t.Context(), "fn", make([]byte, MaxPayload+1)); err == nil {
		t.Error("an event over the limit was taken")
	}
}
