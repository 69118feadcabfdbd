// Package metrics counts the authorizer's decisions and writes the counts as
// CloudWatch metrics. It writes one line of JSON to the log in the embedded
// metric format, from which CloudWatch makes metrics without an API call.
//
// Counting takes a few atomic additions. An invocation writes a line when it
// begins, at most once in [Interval]. There is no goroutine for this, because
// Lambda freezes a process between invocations. Counts since the last line are
// lost when Lambda ends the process.
package metrics

import (
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keyward/keyward/shared/verify"
)

const (
	// Interval is the minimum time between two lines of a process.
	Interval = 10 * time.Second
	// maxValues is the maximum number of values of one metric in a line.
	maxValues = 100
	// otherCode counts refusals with an unknown code.
	otherCode = verify.Code("OTHER")
)

// Meter counts decisions. It is safe for concurrent use. A nil Meter counts
// nothing and never suppresses a log line.
type Meter struct {
	out      io.Writer
	function string
	now      func() time.Time

	allowed, failures, kmsFailures, hits, misses atomic.Uint64
	// refused does not change after New; its counters do.
	refused    map[verify.Code]*atomic.Uint64
	store, kms latencies
	// written is the time of the last line, latest the start of the last
	// invocation: both in nanoseconds since 1970.
	written, latest atomic.Int64
	// refusalLines and failureLines are separate, so that neither suppresses the
	// other.
	refusalLines, failureLines sampler
}

// New returns a meter that writes each line to out with a single call. The lines
// name the function, unless the name is empty. Without out, the meter writes
// nothing and only limits the log.
func New(out io.Writer, function string, now func() time.Time) *Meter {
	m := &Meter{out: out, function: function, now: now, refused: map[verify.Code]*atomic.Uint64{otherCode: {}}}
	for _, code := range verify.Codes() {
		m.refused[code] = new(atomic.Uint64)
	}
	m.written.Store(now().UnixNano())
	return m
}

// Begin marks the start of an invocation at that time. If a line is due, it
// writes the earlier counts with the time of the previous invocation.
func (m *Meter) Begin(at time.Time) {
	if m == nil || m.out == nil {
		return
	}
	now := at.UnixNano()
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

// Failed counts an invocation without a decision. It reports whether to log it,
// which is allowed [linesPerSecond] times a second because an outage under load
// also floods the log. leftOut is how many were not logged before it.
func (m *Meter) Failed() (logged bool, leftOut uint64) {
	if m == nil {
		return true, 0
	}
	m.failures.Add(1)
	return m.failureLines.admit(m.now().Unix())
}

// LookedUp counts cache lookups, as [verify.Meter] says.
func (m *Meter) LookedUp(hits, misses int) {
	if hits > 0 {
		m.hits.Add(uint64(hits))
	}
	if misses > 0 {
		m.misses.Add(uint64(misses))
	}
}

// ReadEnded records the duration of a DynamoDB read, as [verify.Meter] says.
func (m *Meter) ReadEnded(took time.Duration) { m.store.add(took) }

// Unwrapped records the duration of a KMS call, and counts it if it failed.
func (m *Meter) Unwrapped(took time.Duration, err error) {
	m.kms.add(took)
	if err != nil {
		m.kmsFailures.Add(1)
	}
}

// Refusal reports whether to log a refusal now, as Failed does for failures.
func (m *Meter) Refusal() (logged bool, leftOut uint64) {
	if m == nil {
		return true, 0
	}
	return m.refusalLines.admit(m.now().Unix())
}

// latencies holds the most recent values since they were last taken.
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
