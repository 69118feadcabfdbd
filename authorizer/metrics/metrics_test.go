package metrics

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/verify"
)

var _ verify.Meter = (*Meter)(nil)

// clock is a clock that tests set.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func metered(function string) (*Meter, *clock, *bytes.Buffer) {
	c, out := &clock{time.UnixMilli(1_700_000_000_123)}, new(bytes.Buffer)
	return New(out, function, c.now), c, out
}

// A line has, byte for byte, the embedded metric format: the time of the last
// counted invocation, each metric with its unit, and its value. Zero counts are
// omitted.
func TestLine(t *testing.T) {
	m, c, out := metered("keyward-authorizer")
	m.Begin(c.at)
	m.Decided(verify.Decision{Outcome: verify.Allowed})
	m.Decided(verify.Decision{Code: verify.KeyUnknown})
	m.Decided(verify.Decision{Code: verify.KeyUnknown})
	m.Decided(verify.Decision{Code: "NEW"})
	_, _ = m.Failed()
	m.LookedUp(1, 0)
	m.LookedUp(0, 1)
	m.ReadEnded(1500 * time.Microsecond)
	m.Unwrapped(7*time.Millisecond, nil)
	m.Unwrapped(8*time.Millisecond, errors.New("KMS is down"))
	c.at = c.at.Add(time.Hour)
	m.Begin(c.at)
	const want = `{"Allowed":1,"CacheHits":1,"CacheMisses":1,"DynamoDBLatency":[1500],"Failure":1,"FunctionName":"keyward-authorizer","KMSFailures":1,"KMSLatency":[7000,8000],` +
		`"Refusals":3,"Refused.KEY_UNKNOWN":2,"Refused.OTHER":1,"_aws":{"Timestamp":1700000000123,"CloudWatchMetrics":[{"Namespace":"Keyward",` +
		`"Dimensions":[["FunctionName"]],"Metrics":[{"Name":"Allowed","Unit":"Count"},{"Name":"Failure","Unit":"Count"},{"Name":"KMSFailures","Unit":"Count"},` +
		`{"Name":"Refused.KEY_UNKNOWN","Unit":"Count"},{"Name":"Refused.OTHER","Unit":"Count"},{"Name":"Refusals","Unit":"Count"},{"Name":"CacheHits","Unit":"Count"},` +
		`{"Name":"CacheMisses","Unit":"Count"},{"Name":"DynamoDBLatency","Unit":"Microseconds"},{"Name":"KMSLatency","Unit":"Microseconds"}]}]}}` + "\n"
	if out.String() != want {
		t.Errorf("wrote %s\nwant  %s", out, want)
	}
	c.at = c.at.Add(time.Hour)
	out.Reset()
	m.Begin(c.at)
	if out.Len() != 0 {
		t.Errorf("of nothing it wrote %s", out)
	}
}

// Lines are no more frequent than the interval, for any number of invocations.
// None exceeds the format's limits on metrics and values. A function without a
// name has no dimension.
func TestBounds(t *testing.T) {
	m, c, out := metered("")
	for range 3000 {
		c.at = c.at.Add(Interval / 1000)
		m.Begin(c.at)
		for _, code := range verify.Codes() {
			m.Decided(verify.Decision{Code: code})
		}
		m.ReadEnded(time.Millisecond)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines in three intervals", len(lines))
	}
	for _, text := range lines {
		var line struct {
			DynamoDBLatency []int64
			AWS             metadata `json:"_aws"`
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
		told := line.AWS.CloudWatchMetrics[0]
		if n := len(line.DynamoDBLatency); n != 100 || len(told.Metrics) > 100 || len(told.Metrics) < len(verify.Codes()) {
			t.Errorf("%d values, %d metrics", n, len(told.Metrics))
		}
		if fmt.Sprint(told.Dimensions) != "[[]]" {
			t.Errorf("dimensions %v", told.Dimensions)
		}
	}
}

// total sums a metric over the written lines.
type total struct {
	mu      sync.Mutex
	allowed int
}

func (o *total) Write(text []byte) (int, error) {
	var line struct{ Allowed int }
	err := json.Unmarshal(text, &line)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.allowed += line.Allowed
	return len(text), err
}

// With 64 goroutines, nothing is counted twice or lost between two lines.
func TestCountsOnce(t *testing.T) {
	var out total
	m := New(&out, "f", time.Now)
	var group sync.WaitGroup
	for range 64 {
		group.Go(func() {
			for range 500 {
				m.written.Store(0) // a line is due each time
				m.Begin(time.Now())
				m.Decided(verify.Decision{Outcome: verify.Allowed})
			}
		})
	}
	group.Wait()
	m.flush(1)
	if out.allowed != 64*500 {
		t.Errorf("counted %d of %d", out.allowed, 64*500)
	}
}

// In a flood, only a fixed number of refusals and failures per second is logged,
// and the next line says how many were not. The two limits are separate, and
// apply even if no metrics are written.
func TestLinesAreSampled(t *testing.T) {
	counting, c, _ := metered("")
	silent := New(nil, "", c.now)
	for second := range 3 {
		for name, admit := range map[string]func() (bool, uint64){
			"refusals": counting.Refusal, "failures": counting.Failed, "silent refusals": silent.Refusal, "silent failures": silent.Failed,
		} {
			logged, leftOut := 0, uint64(0)
			for range 1000 {
				if ok, before := admit(); ok {
					logged, leftOut = logged+1, leftOut+before
				}
			}
			if want := uint64(min(second, 1) * 990); logged != 10 || leftOut != want {
				t.Errorf("%s, second %d: logged %d, left out %d, want %d", name, second, logged, leftOut, want)
			}
		}
		c.at = c.at.Add(time.Second)
	}
	for name, admit := range map[string]func() (bool, uint64){"refusal": (*Meter)(nil).Refusal, "failure": (*Meter)(nil).Failed} {
		if ok, _ := admit(); !ok {
			t.Errorf("without a meter a %s is left out", name)
		}
	}
}

// A meter without an output keeps counting and writes nothing.
func TestSilence(t *testing.T) {
	c := &clock{time.UnixMilli(1_700_000_000_123)}
	m := New(nil, "f", c.now)
	for range 3 {
		m.Begin(c.at)
		m.Decided(verify.Decision{Outcome: verify.Allowed})
		m.ReadEnded(time.Second)
		c.at = c.at.Add(time.Hour)
	}
	if n := m.allowed.Load(); n != 3 {
		t.Errorf("counted %d", n)
	}
}

// Fingerprints distinguish credentials and show nothing of them. A huge
// credential costs no more than the limit.
func TestFingerprint(t *testing.T) {
	if got := Fingerprint([]string{"abc"}); got != "ba7816bf8f01" {
		t.Errorf("got %s", got)
	}
	if Fingerprint(nil) != "" || Fingerprint([]string{"a"}) == Fingerprint([]string{"b"}) {
		t.Error("fingerprints are not told apart")
	}
	huge := strings.Repeat("a", 10<<20)
	if Fingerprint([]string{huge}) != Fingerprint([]string{huge[:maxHashed]}) {
		t.Error("all of a huge credential is hashed")
	}
}

// Counting a decision allocates nothing.
func TestCountingAllocatesNothing(t *testing.T) {
	m := New(io.Discard, "f", time.Now)
	if n := testing.AllocsPerRun(1000, func() {
		m.Begin(time.Now())
		m.LookedUp(4, 0)
		m.Decided(verify.Decision{Outcome: verify.Allowed})
		m.Decided(verify.Decision{Code: verify.KeyUnknown})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// BenchmarkCounting measures what counting adds to a cached decision.
func BenchmarkCounting(b *testing.B) {
	m := New(io.Discard, "f", time.Now)
	b.ReportAllocs()
	for b.Loop() {
		m.Begin(time.Now())
		m.LookedUp(4, 0)
		m.Decided(verify.Decision{Outcome: verify.Allowed})
	}
}
