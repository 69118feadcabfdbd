package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/checkout"
	"github.com/keyward/keyward/infra/local/demo"
)

// program is this command's binary.
var program string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "keyward-local-")
	if err == nil {
		program = filepath.Join(folder, "local")
		build := exec.Command("go", "build", "-tags", "lambda.norpc", "-trimpath", "-ldflags", "-s -w", "-o", program, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // like make build, which has compiled all of it
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "the command does not build:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// output is a buffer that a process writes while a test reads it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// running is "local run" as a process.
type running struct {
	cmd            *exec.Cmd
	local          string
	stdout, stderr output
}

// startRun starts "local run" on a free port, with or without a data folder, and
// waits until it is ready.
func startRun(t *testing.T, dataDir string) *running {
	t.Helper()
	r := &running{local: t.TempDir()}
	r.cmd = exec.Command(program, "run", "-local", r.local)
	r.cmd.Env = append(os.Environ(), "PORT=0", "DATA_DIR="+dataDir)
	r.cmd.Stdout, r.cmd.Stderr = &r.stdout, &r.stderr
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("it said: %s%s", &r.stdout, &r.stderr)
		}
	})
	await.Until(t, "the stack is ready", func() bool { return strings.Contains(r.stdout.String(), "-X DELETE") })
	return r
}

// children returns the ids of a process's children.
func children(t *testing.T, pid int) []int {
	t.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(pid)).Output()
	if err != nil {
		t.Fatal("pgrep, of the package procps, lists no child:", err)
	}
	var list []int
	for field := range strings.FieldsSeq(string(out)) {
		var id int
		if _, err := fmt.Sscan(field, &id); err != nil {
			t.Fatal(err)
		}
		list = append(list, id)
	}
	return list
}

// The printed commands can be pasted. The env file works in a shell and is
// removed at the end. SIGTERM or Ctrl-C ends every process with success.
func TestRun(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		t.Run(signal.String(), func(t *testing.T) {
			r := startRun(t, "")
			env := filepath.Join(r.local, "env")
			if info, err := os.Stat(env); err != nil || info.Mode().Perm() != 0o600 {
				t.Fatalf("the env file: %v %v", info, err)
			}
			for _, route := range demo.Routes() {
				if text, _ := os.ReadFile(env); !strings.Contains(r.stdout.String(), route) || !strings.Contains(string(text), route) {
					t.Errorf("%s is not shown", route)
				}
			}
			if n := strings.Count(r.stdout.String(), readEnv(env)[envKey]); n != 1 {
				t.Errorf("the admin key is shown %d times", n)
			}
			_, session, _ := strings.Cut(r.stdout.String(), "another terminal:")
			checkSession(t, env, session)
			checkSecondRun(t, r)
			processes := children(t, r.cmd.Process.Pid)
			if len(processes) < 2 {
				t.Errorf("children %v, want DynamoDB Local and functions", processes)
			}
			if err := r.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			if err := r.cmd.Wait(); err != nil {
				t.Errorf("exit: %v: %s", err, &r.stderr)
			}
			for _, pid := range processes {
				if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) {
					t.Errorf("process %d is still there: %v", pid, err)
				}
			}
			if _, err := os.Stat(env); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the env file is still there: %v", err)
			}
			if text := r.stderr.String(); text != "" {
				t.Errorf("stderr: %s", text)
			}
		})
	}
}

// checkSecondRun checks that another run with the same files is refused with one
// line and leaves them unchanged, even if the first one's admin key is gone.
func checkSecondRun(t *testing.T, first *running) {
	t.Helper()
	env := filepath.Join(first.local, "env")
	end := exec.Command("bash", "-euc", "source "+env+`
id=$(curl -s -u "$KEYWARD_API_KEY:" "$KEYWARD_URL/v1/whoami" | grep -oE '"id":"[^"]*"' | head -n 1 | cut -d '"' -f 4)
curl -s -o /dev/null -w '%{http_code}' -u "$KEYWARD_API_KEY:" -X DELETE "$KEYWARD_URL/v1/apikeys/$id?force=true"`)
	if said, err := end.CombinedOutput(); err != nil || string(said) != "204" {
		t.Fatalf("delete the admin key: %v: %s", err, said)
	}
	log := filepath.Join(first.local, "functions.log")
	before, err := os.Stat(log)
	if err != nil {
		t.Fatal(err)
	}
	second := exec.Command(program, "run", "-local", first.local)
	second.Env = append(os.Environ(), "PORT=0", "DATA_DIR=")
	output, err := second.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "is at http://127.0.0.1:") || strings.Count(string(output), "\n") != 1 {
		t.Errorf("a second run: %v: %s", err, output)
	}
	if after, err := os.Stat(log); err != nil || after.Size() < before.Size() {
		t.Errorf("the first run's log was cut: %v", err)
	}
}

// If DynamoDB Local dies, it is restarted once, with its data, if that is on
// disk. A second death ends the run. Without a data folder, the first one does.
func TestDynamoDBIsStartedAgain(t *testing.T) {
	for _, test := range []struct {
		dataDir string
		lives   int
	}{{t.TempDir(), 2}, {"", 1}} {
		r := startRun(t, test.dataDir)
		admin := clientOf(readEnv(filepath.Join(r.local, "env")))
		for range test.lives - 1 {
			killJava(t, r)
			await.Until(t, "DynamoDB Local answers again", func() bool { return strings.Contains(r.stdout.String(), "answers again") })
			if err := admin.Answers(t.Context()); err != nil {
				t.Errorf("after its end: %v", err)
			}
		}
		killJava(t, r)
		exit, failed := errors.AsType[*exec.ExitError](r.cmd.Wait())
		if !failed || exit.ExitCode() != 1 || !strings.Contains(r.stderr.String(), "DynamoDB Local has ended: start again") {
			t.Errorf("DATA_DIR %q: exit %v: %s", test.dataDir, exit, &r.stderr)
		}
		if n := strings.Count(r.stdout.String(), "starting it again"); n != test.lives-1 {
			t.Errorf("it says %d times that it starts again", n)
		}
	}
}

// killJava kills a run's DynamoDB Local.
func killJava(t *testing.T, r *running) {
	t.Helper()
	out, err := exec.Command("pgrep", "-P", fmt.Sprint(r.cmd.Process.Pid), "java").Output()
	var pid int
	if _, scanErr := fmt.Sscan(string(out), &pid); err != nil || scanErr != nil {
		t.Fatalf("no java: %v %v", err, scanErr)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// checkSession pastes the printed commands into a shell.
func checkSession(t *testing.T, env, session string) {
	t.Helper()
	script := exec.Command("bash", "-eu", "-c", session+"\nsource "+env+`
curl -s -o /dev/null -w 'own key %{http_code}\n' -u "$KEYWARD_API_KEY:" "$KEYWARD_URL/v1/whoami"
curl -s -o /dev/null -w 'no key %{http_code}\n' "$KEYWARD_URL/v1/whoami"
curl -s -o /dev/null -w 'bad key %{http_code}\n' -u x: "$KEYWARD_URL/v1/whoami"
sh -c 'echo "table $KEYWARD_TABLE $KEYWARD_AUDIT_TABLE region $AWS_REGION"'`)
	out, err := script.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, want := range []string{
		`"name":"First"`, `"files":\[\{"name":"hello.txt","bytes":5\}\]`, `"items":\[`, `(?m)^204$`,
		`(?m)^own key 200$`, `(?m)^no key 401$`, `(?m)^bad key 401$`, `table keyward keyward-audit region us-east-1`,
	} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("no %s in %s", want, out)
		}
	}
}

// Anything that prevents a run or an invocation gives one line and exit code 1.
func TestRefusals(t *testing.T) {
	event := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(event, []byte("not JSON"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		env  string
		want string
	}{
		{"no subcommand", nil, "", "usage"},
		{"another subcommand", []string{"walk"}, "", "usage"},
		{"an unknown flag", []string{"run", "-x"}, "", "usage"},
		{"no event", []string{"invoke", "-fn", "whoami"}, "", "usage"},
		{"no function", []string{"invoke", "-fn", "", "-event", event}, "", "usage: make run | make invoke FN="},
		{"a port that is none", []string{"run"}, "PORT=70000", "PORT is"},
		{"a time that is none", []string{"run"}, "CACHE_TTL=5s", "CACHE_TTL is"},
		{"no Java", []string{"run"}, "PATH=/nowhere", "Java"},
		{"an unknown function", []string{"invoke", "-fn", "x", "-event", event}, "", "no function"},
		{"an authorizer's event that is not chosen", []string{"invoke", "-fn", "authorizer", "-event", "../../events/authorizer.json"}, "", "authorizer-appsync.json or ../../events/authorizer-http-payload1.json or"},
		{"a missing event", []string{"invoke", "-fn", "whoami", "-event", event + "x"}, "", "read the event"},
		{"an event that is no JSON", []string{"invoke", "-fn", "whoami", "-event", event}, "", "is not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if len(c.args) > 0 {
				c.args = append(c.args, "-local", t.TempDir())
			}
			cmd := exec.Command(program, c.args...)
			cmd.Env = append(os.Environ(), "PORT=0", c.env)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			err := cmd.Run()
			exit, ok := errors.AsType[*exec.ExitError](err)
			if !ok || exit.ExitCode() != 1 {
				t.Errorf("exit: %v", err)
			}
			if text := stderr.String(); !strings.Contains(text, c.want) || strings.Count(text, "\n") != 1 {
				t.Errorf("stderr %q, want one line with %q", text, c.want)
			}
		})
	}
}

// testCommand returns a command that writes to buffers and has its own folder.
func testCommand(t *testing.T) (c command, stdout *output) {
	t.Helper()
	root, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	stdout = &output{}
	return command{root: root, local: t.TempDir(), stdout: stdout, stderr: &output{}, getenv: func(string) string { return "" }}, stdout
}

// An interruption during the start is no error either.
func TestInterruptedStart(t *testing.T) {
	c, _ := testCommand(t)
	c.getenv = func(name string) string { return map[string]string{"PORT": "0"}[name] }
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.run(ctx); err != nil {
		t.Error(err)
	}
}
