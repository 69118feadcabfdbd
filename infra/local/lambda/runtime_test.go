package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "keyward-lambda-")
	if err == nil {
		binary = filepath.Join(folder, "bootstrap")
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./testdata/function")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the test's function does not build:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// start runs a runtime with one function, "fn", after the settings given.
func start(t *testing.T, f Function, log func(function, line string)) *Runtime {
	t.Helper()
	f.Name = "fn"
	if f.Binary == "" {
		f.Binary = binary
	}
	r, err := Start(Options{
		Functions: []Function{f}, Log: log,
		Endpoints: map[string]string{"AWS_ENDPOINT_URL_KMS": "http://127.0.0.1:1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Stop)
	return r
}

type echo struct {
	Text  string
	PID   int
	Calls int
}

func invoke(t *testing.T, r *Runtime, event string) echo {
	t.Helper()
	answer, err := r.Invoke(t.Context(), "fn", []byte(event))
	if err != nil {
		t.Fatalf("invoke %s: %v", event, err)
	}
	var e echo
	if err := json.Unmarshal(answer, &e); err != nil {
		t.Fatalf("answer %s: %v", answer, err)
	}
	return e
}

// One process serves invocations that follow one another.
func TestSequentialInvocationsShareAProcess(t *testing.T) {
	r := start(t, Function{}, nil)
	if n := r.Processes("fn"); n != 0 {
		t.Fatalf("%d processes before the first use", n)
	}
	first := invoke(t, r, `{"text":"a"}`)
	for n := range 20 {
		if e := invoke(t, r, `{"text":"b"}`); e.PID != first.PID || e.Calls != n+2 || e.Text != "b" {
			t.Fatalf("invocation %d: %+v after %+v", n, e, first)
		}
	}
	if n := r.Processes("fn"); n != 1 {
		t.Errorf("%d processes, want 1", n)
	}
}

// Invocations that overlap get processes of their own up to the limit, and one
// process never holds two.
func TestOverlappingInvocations(t *testing.T) {
	r := start(t, Function{MaxProcesses: 3}, nil)
	pids := overlap(t, r, 9)
	if len(pids) > 3 || r.Processes("fn") > 3 || len(pids) < 2 {
		t.Errorf("%d processes served, %d run; want 2 or 3", len(pids), r.Processes("fn"))
	}
}

// With concurrency set, one process holds several invocations at once.
func TestConcurrentProcess(t *testing.T) {
	r := start(t, Function{MaxProcesses: 1, Concurrency: 8}, nil)
	invoke(t, r, `{}`)
	begun := time.Now()
	if pids := overlap(t, r, 8); len(pids) != 1 {
		t.Errorf("%d processes, want 1", len(pids))
	}
	if took := time.Since(begun); took > 1500*time.Millisecond {
		t.Errorf("8 invocations of 200 ms took %v: they did not overlap", took)
	}
}

// overlap invokes count times at once and returns the ids of the processes.
func overlap(t *testing.T, r *Runtime, count int) map[int]bool {
	t.Helper()
	var wg sync.WaitGroup
	var mu sync.Mutex
	pids := map[int]bool{}
	for range count {
		wg.Go(func() {
			answer, err := r.Invoke(t.Context(), "fn", []byte(`{"do":"slow","millis":200}`))
			var e echo
			if err == nil {
				err = json.Unmarshal(answer, &e)
			}
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			pids[e.PID] = true
			mu.Unlock()
		})
	}
	wg.Wait()
	return pids
}

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

// The context of an invocation carries its id, ARN, trace and deadline.
func TestInvocationContext(t *testing.T) {
	r := start(t, Function{Timeout: 5 * time.Second}, nil)
	answer, err := r.Invoke(t.Context(), "fn", []byte(`{"do":"context"}`))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		ARN, ID, Trace string
		Millis         int
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		t.Fatal(err)
	}
	if got.ARN != "arn:aws:lambda:us-east-1:000000000000:function:fn" || len(got.ID) != 36 ||
		!strings.HasPrefix(got.Trace, "Root=1-") || got.Millis < 3000 || got.Millis > 5000 {
		t.Errorf("context %+v", got)
	}
}

// Every line that a function writes is logged under its name.
func TestLog(t *testing.T) {
	seen := make(chan string, 10)
	r := start(t, Function{}, func(function, line string) { seen <- function + ": " + line })
	invoke(t, r, `{"do":"print","text":"hello"}`)
	got := map[string]bool{}
	for range 2 {
		select {
		case line := <-seen:
			got[line] = true
		case <-time.After(5 * time.Second):
			t.Fatal("no line was logged")
		}
	}
	if !got["fn: hello"] || !got["fn: to stderr"] {
		t.Errorf("logged %v", got)
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

// A process that the API does not know gets nothing from it.
func TestForeignToken(t *testing.T) {
	r := start(t, Function{}, nil)
	invoke(t, r, `{}`)
	answer, err := http.Get("http://" + r.address + "/guess/2018-06-01/runtime/invocation/next")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", answer.StatusCode)
	}
}
