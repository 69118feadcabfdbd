package lambda

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
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
