package lambda

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/keyward/keyward/infra/local/child"
)

// process is one execution environment: one run of a function's binary.
type process struct {
	pool  *pool
	token string
	cmd   *exec.Cmd
	// ended is closed when the process is gone and its invocations have ended.
	ended chan struct{}
	init  sync.Once
	ready chan struct{} // closed at the first poll

	mu        sync.Mutex
	killed    bool
	initError *FunctionError
}

// start starts one more process, which the pool has already counted.
func (p *pool) start() error {
	proc := &process{pool: p, token: rand.Text(), ended: make(chan struct{}), ready: make(chan struct{})}
	proc.cmd = exec.Command(p.function.Binary)
	proc.cmd.Dir = filepath.Dir(p.function.Binary)
	proc.cmd.Env = p.environment(proc.token)
	proc.cmd.SysProcAttr = child.Attributes()
	output := &lines{emit: func(line string) { p.runtime.options.Log(p.function.Name, line) }}
	proc.cmd.Stdout, proc.cmd.Stderr = output, output
	proc.cmd.WaitDelay = time.Second
	if !p.runtime.register(proc) {
		p.gone(proc, &FunctionError{ExitError, errStopped.Error()})
		return errStopped
	}
	go proc.run(output)
	return nil
}

// run starts the process and waits for its end. It stays on one thread, because
// Linux ends a child with the thread that started it.
func (proc *process) run(output io.Closer) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var ended *FunctionError
	if err := proc.launch(); err != nil {
		ended = &FunctionError{InvalidEntrypoint, "the binary cannot be run: " + reason(err)}
	} else {
		go proc.watchInit()
		ended = proc.failure(proc.cmd.Wait())
	}
	_ = output.Close()
	proc.pool.gone(proc, ended)
	proc.pool.runtime.unregister(proc)
	close(proc.ended)
}

// launch starts the binary, unless the process was already killed.
func (proc *process) launch() error {
	proc.mu.Lock()
	defer proc.mu.Unlock()
	if proc.killed {
		return errStopped
	}
	return proc.cmd.Start()
}

// failure returns why a process ended.
func (proc *process) failure(err error) *FunctionError {
	proc.mu.Lock()
	defer proc.mu.Unlock()
	switch {
	case proc.initError != nil:
		return proc.initError
	case err != nil:
		return &FunctionError{ExitError, "Runtime exited with error: " + err.Error()}
	default:
		return &FunctionError{ExitError, "Runtime exited without providing a reason"}
	}
}

// failInit records why the process could not start; only the first reason
// counts.
func (proc *process) failInit(reason *FunctionError) {
	proc.mu.Lock()
	defer proc.mu.Unlock()
	if proc.initError == nil {
		proc.initError = reason
	}
}

func (proc *process) watchInit() {
	select {
	case <-proc.ready:
	case <-proc.ended:
	case <-time.After(InitTimeout):
		proc.failInit(&FunctionError{TimedOut, fmt.Sprintf("Init timed out after %.2f seconds", InitTimeout.Seconds())})
		proc.kill()
	}
}

func (proc *process) initialized() bool {
	select {
	case <-proc.ready:
		return true
	default:
		return false
	}
}

// kill ends the process and its children, by the id of its group.
func (proc *process) kill() {
	proc.mu.Lock()
	defer proc.mu.Unlock()
	proc.killed = true
	select {
	case <-proc.ended:
	default:
		if proc.cmd.Process != nil {
			_ = syscall.Kill(-proc.cmd.Process.Pid, syscall.SIGKILL)
		}
	}
}

// reason returns an error of starting a program, without its path.
func reason(err error) string {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err.Error()
	}
	return err.Error()
}
