package lambda

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// errStopped is the error of invocations after [Runtime.Stop].
var errStopped = errors.New("the Lambda runtime has stopped")

// pool is a function with its processes and invocations. Each invocation goes to
// one poll of one process, in order of arrival.
type pool struct {
	function Function
	runtime  *Runtime

	mu        sync.Mutex
	processes int
	waiting   []*invocation
	polls     []*poll
	running   map[string]*invocation // by request id
}

// poll is a process that waits for its next invocation.
type poll struct {
	process *process
	ready   chan *invocation // has room for one
}

// submit queues an invocation and makes sure that a process will take it.
func (p *pool) submit(inv *invocation) error {
	p.mu.Lock()
	p.waiting = append(p.waiting, inv)
	p.match()
	start := p.grow()
	p.mu.Unlock()
	return p.launch(start)
}

// match assigns waiting invocations to waiting polls. The caller holds the lock.
func (p *pool) match() {
	for len(p.waiting) > 0 && len(p.polls) > 0 {
		inv, taker := p.waiting[0], p.polls[0]
		p.waiting, p.polls = p.waiting[1:], p.polls[1:]
		inv.process = taker.process
		inv.deadline = time.AfterFunc(p.function.Timeout, func() { p.timeOut(inv) })
		p.running[inv.id] = inv
		taker.ready <- inv
	}
}

// grow returns how many processes to start and counts them as running. The
// caller holds the lock.
func (p *pool) grow() (start int) {
	f := p.function
	for len(p.waiting)+len(p.running) > p.processes*f.Concurrency && p.processes < f.MaxProcesses {
		p.processes++
		start++
	}
	return start
}

func (p *pool) launch(count int) error {
	var failed error
	for range count {
		if err := p.start(); err != nil {
			failed = err
		}
	}
	return failed
}

// timeOut ends an invocation that took too long. It also ends its process, whose
// further work has no use.
func (p *pool) timeOut(inv *invocation) {
	inv.end(nil, &FunctionError{TimedOut, fmt.Sprintf(
		"RequestId: %s Error: Task timed out after %.2f seconds", inv.id, p.function.Timeout.Seconds())})
	p.mu.Lock()
	proc := inv.process
	p.mu.Unlock()
	proc.kill()
}

// dequeue removes an invocation that nobody waits for any more. If it already
// runs, it goes on, as in Lambda.
func (p *pool) dequeue(inv *invocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.waiting = slices.DeleteFunc(p.waiting, func(other *invocation) bool { return other == inv })
}

// complete removes the running invocation with that request id from a process
// and returns it.
func (p *pool) complete(proc *process, id string) (*invocation, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	inv, found := p.running[id]
	if !found || inv.process != proc {
		return nil, false
	}
	delete(p.running, id)
	inv.deadline.Stop()
	return inv, true
}

// gone handles the end of a process. Its invocations fail. If it never polled,
// one waiting invocation fails too. The other waiting invocations get a new
// process.
func (p *pool) gone(proc *process, reason *FunctionError) {
	p.mu.Lock()
	p.processes--
	var failed []*invocation
	for id, inv := range p.running {
		if inv.process == proc {
			delete(p.running, id)
			inv.deadline.Stop()
			failed = append(failed, inv)
		}
	}
	p.polls = slices.DeleteFunc(p.polls, func(other *poll) bool { return other.process == proc })
	if !proc.initialized() && len(p.waiting) > 0 {
		failed = append(failed, p.waiting[0])
		p.waiting = p.waiting[1:]
	}
	start := p.grow()
	p.mu.Unlock()
	for _, inv := range failed {
		inv.end(nil, &FunctionError{reason.Type, "RequestId: " + inv.id + " Error: " + reason.Message})
	}
	if p.launch(start) != nil {
		p.abandon()
	}
}

// abandon fails all waiting invocations.
func (p *pool) abandon() {
	p.mu.Lock()
	waiting := p.waiting
	p.waiting = nil
	p.mu.Unlock()
	for _, inv := range waiting {
		inv.end(nil, errStopped)
	}
}
