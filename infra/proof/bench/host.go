package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/keyward/keyward/infra/local/child"
)

// instance is one process of a function, driven through the Lambda runtime API.
// It measures the process from outside.
type instance struct {
	process *exec.Cmd
	server  *http.Server
	started time.Time
	// polled holds the time of the first poll until someone reads it.
	polled chan time.Time
	events chan []byte
	// answered receives the time of each answer, and whether it was an error.
	answered chan answer
}

type answer struct {
	at time.Time
	// text is the answer, or the error if fault is set.
	text  string
	fault bool
}

// lambdaSets are the variables that Lambda sets for every function.
var lambdaSets = map[string]string{
	"AWS_LAMBDA_FUNCTION_NAME": "bench", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_EXECUTION_ENV": "AWS_Lambda_provided.al2023",
	"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "TZ": ":UTC",
}

// start runs a side's binary in a Lambda function's environment. It passes on nothing
// of this process's own.
func start(ctx context.Context, s side) (*instance, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	i := &instance{
		polled: make(chan time.Time, 1), events: make(chan []byte, 1), answered: make(chan answer, 1),
	}
	i.server = &http.Server{Handler: http.HandlerFunc(i.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = i.server.Serve(listener) }()

	i.process = exec.CommandContext(ctx, s.binary)
	if !s.quiet {
		i.process.Stderr = os.Stderr
	}
	i.process.SysProcAttr = child.Attributes()
	i.process.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + listener.Addr().String()}
	for _, variables := range []map[string]string{lambdaSets, s.environment} {
		for name, value := range variables {
			i.process.Env = append(i.process.Env, name+"="+value)
		}
	}
	i.started = time.Now()
	if err := i.process.Start(); err != nil {
		return nil, err
	}
	return i, nil
}

func (i *instance) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/invocation/next") {
		select {
		case i.polled <- time.Now():
		default:
		}
		select {
		case event := <-i.events:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(10*time.Second).UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:bench")
			_, _ = w.Write(event)
		case <-r.Context().Done():
		}
		return
	}
	at := time.Now()
	body, _ := io.ReadAll(r.Body)
	w.WriteHeader(http.StatusAccepted)
	i.answered <- answer{at: at, text: string(body), fault: strings.HasSuffix(r.URL.Path, "/error")}
}

// firstPoll returns the time from the process's start to its first poll.
func (i *instance) firstPoll() (time.Duration, error) {
	select {
	case at := <-i.polled:
		return at.Sub(i.started), nil
	case <-time.After(20 * time.Second):
		return 0, fmt.Errorf("%s does not poll", i.process.Path)
	}
}

// invoke sends one event and waits for its answer. An error answer is an error.
func (i *instance) invoke(event []byte) (time.Duration, error) {
	sent := time.Now()
	i.events <- event
	at, err := i.wait()
	return at.Sub(sent), err
}

func (i *instance) wait() (time.Time, error) {
	a, err := i.next()
	if err == nil && a.fault {
		err = fmt.Errorf("%s answers an error: %s", i.process.Path, a.text)
	}
	return a.at, err
}

// ask sends one event and waits for its answer, which must contain says.
func (i *instance) ask(event []byte, says string) error {
	i.events <- event
	a, err := i.next()
	if err == nil && !strings.Contains(a.text, says) {
		err = fmt.Errorf("%s answers %s, want %s", i.process.Path, a.text, says)
	}
	return err
}

func (i *instance) next() (answer, error) {
	select {
	case a := <-i.answered:
		return a, nil
	case <-time.After(20 * time.Second):
		return answer{}, fmt.Errorf("%s does not answer", i.process.Path)
	}
}

// cpu returns the CPU time of all the process's threads so far.
func (i *instance) cpu() time.Duration {
	var total time.Duration
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", i.process.Process.Pid))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if fields := strings.Fields(string(data)); err == nil && len(fields) == 3 {
			ns, _ := strconv.ParseInt(fields[0], 10, 64)
			total += time.Duration(ns)
		}
	}
	return total
}

// peakMemory returns the largest resident size so far, in bytes.
func (i *instance) peakMemory() float64 {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", i.process.Process.Pid))
	for line := range strings.Lines(string(data)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(value)[0], 64)
			return kb * 1024
		}
	}
	return 0
}

func (i *instance) stop() {
	_ = i.process.Process.Kill()
	_ = i.process.Wait()
	_ = i.server.Close()
}
