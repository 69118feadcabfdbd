package lambda

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options configure a [Runtime].
type Options struct {
	// Region and Account are what functions see; empty means us-east-1 and
	// 000000000000.
	Region, Account string
	// Endpoints are variables that every function gets, such as
	// AWS_ENDPOINT_URL_KMS.
	Endpoints map[string]string
	// Log receives each line that a function writes; nil drops them. Many
	// goroutines call it at once.
	Log func(function, line string)
	// Functions are the functions. Their names must be unique.
	Functions []Function
}

// Runtime runs functions. It is safe for concurrent use.
type Runtime struct {
	options   Options
	address   string
	server    *http.Server
	functions map[string]*pool

	mu        sync.Mutex
	processes map[string]*process // by the token in the process's API address
	stopped   bool
	running   sync.WaitGroup // one per process
}

// Start listens for the runtime API on a loopback port, and runs no process yet.
// It fails only if no port is available.
func Start(options Options) (*Runtime, error) {
	options.Region = cmp.Or(options.Region, "us-east-1")
	options.Account = cmp.Or(options.Account, "000000000000")
	if options.Log == nil {
		options.Log = func(string, string) {}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the Lambda runtime API: %w", err)
	}
	r := &Runtime{
		options: options, address: listener.Addr().String(),
		functions: map[string]*pool{}, processes: map[string]*process{},
	}
	for _, f := range options.Functions {
		r.functions[f.Name] = &pool{function: f.withDefaults(), runtime: r, running: map[string]*invocation{}}
	}
	r.server = &http.Server{Handler: r.api(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

// Invoke runs a function on an event and returns its answer. A failure of the
// function itself is a [*FunctionError]. Other errors are the context's, and
// those of an unknown function, an event over [MaxPayload] and a stopped
// runtime.
func (r *Runtime) Invoke(ctx context.Context, function string, event []byte) ([]byte, error) {
	p, known := r.functions[function]
	if !known {
		return nil, fmt.Errorf("there is no function %q", function)
	}
	if len(event) > MaxPayload {
		return nil, fmt.Errorf("an event of %d bytes is over the limit of %d", len(event), MaxPayload)
	}
	inv := newInvocation(event)
	if err := p.submit(inv); err != nil {
		return nil, err
	}
	select {
	case <-inv.done:
		return inv.answer, inv.err
	case <-ctx.Done():
		p.dequeue(inv)
		return nil, ctx.Err()
	}
}

// Processes returns how many processes of a function are running.
func (r *Runtime) Processes(function string) int {
	p, known := r.functions[function]
	if !known {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.processes
}

// Recycle ends every process of a function, as Lambda sometimes does. The next
// invocation starts a new one. Running invocations fail with [ExitError].
func (r *Runtime) Recycle(function string) {
	for _, proc := range r.snapshot() {
		if proc.pool.function.Name == function {
			proc.kill()
			<-proc.ended
		}
	}
}

// Stop ends every process and the API, and waits for them. Unfinished
// invocations fail.
func (r *Runtime) Stop() {
	r.mu.Lock()
	r.stopped = true
	r.mu.Unlock()
	for _, proc := range r.snapshot() {
		proc.kill()
	}
	_ = r.server.Close()
	r.running.Wait()
	for _, p := range r.functions {
		p.abandon()
	}
}

func (r *Runtime) snapshot() map[string]*process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.processes)
}

// register adds a process, unless the runtime has stopped.
func (r *Runtime) register(proc *process) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stopped {
		return false
	}
	r.processes[proc.token] = proc
	r.running.Add(1)
	return true
}

func (r *Runtime) unregister(proc *process) {
	r.mu.Lock()
	delete(r.processes, proc.token)
	r.mu.Unlock()
	r.running.Done()
}

func (r *Runtime) process(token string) *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.processes[token]
}
