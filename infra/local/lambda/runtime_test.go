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

	"github.com/keyward/keyward/infra/local/await"
)

var binary string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "keyward-lambda-")
	if err == nil {
		binary = filepath.Join(folder, "bootstrap")
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-o", binary, "./testdata/function")
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // like make build, which has compiled most of it
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

// start runs a runtime with one function, "fn", with those settings.
func start(t *testing.T, f Function, log func(function, line string)) *Runtime {
	t.Helper()
	f.Name = "fn"
	if f.Timeout == 0 {
		f.Timeout = time.Hour // so that a slow machine never reaches it
	}
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

// One process serves successive invocations.
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

// Concurrent invocations get separate processes, up to the limit. One process
// never has two; the others wait.
func TestOverlappingInvocations(t *testing.T) {
	r := start(t, Function{MaxProcesses: 3}, nil)
	if pids := overlap(t, r, 9, 3, 3); len(pids) != 3 {
		t.Errorf("%d processes served, want 3", len(pids))
	}
	if n := r.Processes("fn"); n != 3 {
		t.Errorf("%d processes run, want 3", n)
	}
}

// With concurrency set, one process handles several invocations at once.
func TestConcurrentProcess(t *testing.T) {
	r := start(t, Function{MaxProcesses: 1, Concurrency: 8}, nil)
	if pids := overlap(t, r, 9, 8, 1); len(pids) != 1 {
		t.Errorf("%d processes served, want 1", len(pids))
	}
}

// overlap invokes count times. It lets none end before the expected numbers are
// running, in how many processes, and waiting. It returns the ids of the
// processes.
func overlap(t *testing.T, r *Runtime, count, held, processes int) map[int]bool {
	t.Helper()
	release := filepath.Join(t.TempDir(), "release")
	var wg sync.WaitGroup
	var mu sync.Mutex
	pids := map[int]bool{}
	for range count {
		wg.Go(func() {
			answer, err := r.Invoke(t.Context(), "fn", []byte(`{"do":"hold","text":"`+release+`"}`))
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
	await.Until(t, "the processes hold what they can", func() bool {
		running, holders, waiting := holds(r)
		return running == held && holders == processes && waiting == count-held
	})
	create(t, release)
	wg.Wait()
	return pids
}

// holds returns how many invocations run, in how many processes, and how many
// wait.
func holds(r *Runtime) (running, processes, waiting int) {
	p := r.functions["fn"]
	p.mu.Lock()
	defer p.mu.Unlock()
	holders := map[*process]bool{}
	for _, inv := range p.running {
		holders[inv.process] = true
	}
	return len(p.running), len(holders), len(p.waiting)
}

func create(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// The context of an invocation carries its id, ARN, trace and deadline.
func TestInvocationContext(t *testing.T) {
	r := start(t, Function{Timeout: time.Hour}, nil)
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
		!strings.HasPrefix(got.Trace, "Root=1-") || got.Millis > 3_600_000 || got.Millis < 3_540_000 {
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
		got[await.Next(t, "a line is logged", seen)] = true
	}
	if !got["fn: hello"] || !got["fn: to stderr"] {
		t.Errorf("logged %v", got)
	}
}

// A process that is unknown to the API gets nothing from it.
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
