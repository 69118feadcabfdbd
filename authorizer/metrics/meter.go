// Package metrics counts what the authorizer decides, and writes the counts as
// CloudWatch metrics: one line of JSON in the log, in the embedded metric format,
// from which CloudWatch makes metrics without a call.
//
// Counting is a few atomic additions. Lines are written on the way of an
// invocation, at its beginning and at most once in [Interval], never by a
// goroutine of their own: Lambda freezes a process between invocations. What a
// process has counted since its last line is lost when Lambda ends it.
package metrics

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/verify"
)

const (
	// Interval is the least time between two lines of a process.
	Interval = 10 * time.Second
	// maxValues is how many values of one metric a line can hold.
	maxValues = 100
	// otherCode is the name under which refusals are counted whose code is not known.
	otherCode = verify.Code("OTHER")
)

// Meter counts. It is safe for concurrent use; a nil one counts nothing and
// leaves nothing out of the log.
type Meter struct {
	out      io.Writer
	function string
	now      func() time.Time

	allowed, failures, kmsFailures, hits, misses atomic.Uint64
	// refused never changes after New; its counters do.
	refused    map[verify.Code]*atomic.Uint64
	store, kms latencies
	// written is when the last line was, latest when the last invocation
	// began: both in nanoseconds since 1970.
	written, latest atomic.Int64
	// refusalLines and failureLines are apart, so that neither hides the other.
	refusalLines, failureLines sampler
}

// New makes a meter that writes lines to out, each with a single call, and names
// the function in them; an empty name is left out. Without out it writes none, and
// only bounds the log.
func New(out io.Writer, function string, now func() time.Time) *Meter {
	m := &Meter{out: out, function: function, now: now, refused: map[verify.Code]*atomic.Uint64{otherCode: {}}}
	for _, code := range verify.Codes() {
		m.refused[code] = new(atomic.Uint64)
	}
	m.written.Store(now().UnixNano())
	return m
}

// Begin marks the beginning of an invocation. Where a line is due, it is written
// here, of what came before, and with the time of the invocation before.
func (m *Meter) Begin() {
	if m == nil || m.out == nil {
		return
	}
	now := m.now().UnixNano()
	latest, written := m.latest.Swap(now), m.written.Load()
	if now-written >= int64(Interval) && m.written.CompareAndSwap(written, now) && latest != 0 {
		m.flush(latest)
	}
}

// Decided counts a decision that was answered.
func (m *Meter) Decided(d verify.Decision) {
	switch {
	case m == nil:
	case d.Outcome == verify.Allowed:
		m.allowed.Add(1)
	case m.refused[d.Code] == nil:
		m.refused[otherCode].Add(1)
	default:
		m.refused[d.Code].Add(1)
	}
}

// Failed counts an invocation that found no answer. It reports whether that may be
// logged now, which is so for [linesPerSecond] a second, and how many were left out
// before it: an outage under load is a flood as well.
func (m *Meter) Failed() (logged bool, leftOut uint64) {
	if m == nil {
		return true, 0
	}
	m.failures.Add(1)
	return m.failureLines.admit(m.now().Unix())
}

// Looked counts looks into the cache, as [verify.Meter] says.
func (m *Meter) Looked(hits, misses int) {
	if hits > 0 {
		m.hits.Add(uint64(hits))
	}
	if misses > 0 {
		m.misses.Add(uint64(misses))
	}
}

// Read takes the time of a read from DynamoDB, as [verify.Meter] says.
func (m *Meter) Read(took time.Duration) { m.store.add(took) }

// Unwrapped takes the time of a call to KMS, and counts one that failed.
func (m *Meter) Unwrapped(took time.Duration, err error) {
	m.kms.add(took)
	if err != nil {
		m.kmsFailures.Add(1)
	}
}

// Refusal reports whether a refusal may be logged now, as Failed does of failures.
func (m *Meter) Refusal() (logged bool, leftOut uint64) {
	if m == nil {
		return true, 0
	}
	return m.refusalLines.admit(m.now().Unix())
}

// latencies keep the last values since they were taken.
type latencies struct {
	mu     sync.Mutex
	values [maxValues]int64
	count  int
}

func (l *latencies) add(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.values[l.count%maxValues] = took.Microseconds()
	l.count++
}

func (l *latencies) take() []int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := append([]int64(nil), l.values[:min(l.count, maxValues)]...)
	l.count = 0
	return taken
}
