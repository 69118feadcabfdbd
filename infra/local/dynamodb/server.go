package dynamodb

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/keyward/keyward/infra/local/child"
	"github.com/keyward/keyward/infra/local/port"
)

const (
	startTimeout = time.Minute
	stopTimeout  = 5 * time.Second
)

// Options configure a server. The zero value is an in-memory server on a free
// port, without output.
type Options struct {
	// DataDir keeps the data after the server ends; empty keeps it in memory only.
	// It is created if missing.
	DataDir string
	// Port is the TCP port; 0 picks a free one.
	Port int
	// Output receives what the server prints; nil drops it.
	Output io.Writer
	// Progress receives a line when something takes long; nil drops it.
	Progress io.Writer
}

// Server is a running DynamoDB Local. Its methods are safe for concurrent use.
type Server struct {
	// URL is the endpoint, such as "http://127.0.0.1:8000".
	URL string
	// Port is the URL's port, for starting a successor on it.
	Port int

	process *os.Process
	done    chan struct{}
	stop    sync.Once
}

// Start downloads DynamoDB Local if necessary, starts it, and returns when it
// answers. The context limits only the start. [Server.Stop] ends the server, and
// so does the end of this process. Every error is one line for people.
func Start(ctx context.Context, opts Options) (*Server, error) {
	java, err := findJava(ctx)
	if err != nil {
		return nil, err
	}
	emulator, err := Fetch(ctx, opts.Progress)
	if err != nil {
		return nil, err
	}
	free, err := claimPort(opts.Port)
	if err != nil {
		return nil, err
	}
	args, err := arguments(opts.DataDir, free)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(java, args...)
	cmd.Dir = emulator
	cmd.SysProcAttr = child.Attributes()
	said := new(head)
	output := io.MultiWriter(said, cmp.Or(opts.Output, io.Discard))
	cmd.Stdout, cmd.Stderr = output, output
	s := &Server{URL: "http://127.0.0.1:" + strconv.Itoa(free), Port: free, done: make(chan struct{})}
	if err := s.run(cmd); err != nil {
		return nil, fmt.Errorf("start DynamoDB Local: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := port.Answers(ctx, s.URL, s.done); err != nil {
		s.Kill()
		return nil, fmt.Errorf("start DynamoDB Local on port %d: %w%s", free, err, firstError(said.kept.Bytes()))
	}
	return s, nil
}

// run starts the process and waits for its end on one locked thread. Linux ends
// the child when the thread that started it dies, not when the process does.
func (s *Server) run(cmd *exec.Cmd) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		s.process = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(s.done)
		}
	}()
	return <-started
}

// Done returns a channel that is closed when the server's process has ended, for
// any reason.
func (s *Server) Done() <-chan struct{} { return s.done }

// Stop ends the server in order, or by force after five seconds, and returns
// when its process is gone. Further calls do nothing.
func (s *Server) Stop() {
	s.stop.Do(func() { _ = s.process.Signal(syscall.SIGTERM) })
	select {
	case <-s.done:
	case <-time.After(stopTimeout):
		s.Kill()
	}
}

// Kill ends the server by force, like a crash, and returns when its process is
// gone.
func (s *Server) Kill() {
	_ = s.process.Kill()
	<-s.done
}
