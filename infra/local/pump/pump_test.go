package pump

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
)

// streams emulates DynamoDB Streams: shards with their records, of which "b" is
// the child of "a".
type streams struct {
	mu      sync.Mutex
	records map[string][]string
	closed  map[string]bool
	fail    int // how many requests fail next
}

func (s *streams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail > 0 {
		s.fail--
		http.Error(w, `{"__type":"InternalServerError"}`, http.StatusInternalServerError)
		return
	}
	var in struct {
		ShardIterator, SequenceNumber string
		Shard                         string `json:"ShardId"`
		Limit                         int
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	switch _, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); action {
	case "ListStreams":
		_, _ = fmt.Fprint(w, `{"Streams":[{"StreamArn":"arn"}]}`)
	case "DescribeStream":
		_, _ = fmt.Fprint(w, `{"StreamDescription":{"Shards":[{"ShardId":"b","ParentShardId":"a"},{"ShardId":"a","ParentShardId":"gone"}]}}`)
	case "GetShardIterator":
		at := 0
		for i, number := range s.records[in.Shard] {
			if number == in.SequenceNumber {
				at = i + 1
			}
		}
		_, _ = fmt.Fprintf(w, `{"ShardIterator":"%s %d"}`, in.Shard, at)
	case "GetRecords":
		var shard string
		var at int
		_, _ = fmt.Sscan(in.ShardIterator, &shard, &at)
		var shown []string
		for _, number := range s.records[shard][at:min(len(s.records[shard]), at+in.Limit)] {
			shown = append(shown, `{"dynamodb":{"SequenceNumber":"`+number+`"}}`)
		}
		next := fmt.Sprintf(`,"NextShardIterator":"%s %d"`, shard, at+len(shown))
		if s.closed[shard] && at+len(shown) == len(s.records[shard]) {
			next = ""
		}
		_, _ = fmt.Fprintf(w, `{"Records":[%s]%s}`, strings.Join(shown, ","), next)
	}
}

// function records the numbers of each invocation, and answers as its outcome
// for those says: the number of the first failure, or "error".
type function struct {
	mu      sync.Mutex
	invoked []string
	dead    []string
	outcome func(numbers string, times int) string
}

func (f *function) invoke(_ context.Context, event []byte) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var batch struct {
		Records []struct {
			EventSourceARN string
			Dynamodb       struct{ SequenceNumber string }
		}
	}
	if err := json.Unmarshal(event, &batch); err != nil || batch.Records[0].EventSourceARN != "arn" {
		return nil, errors.New("not an event")
	}
	var numbers []string
	for _, r := range batch.Records {
		numbers = append(numbers, r.Dynamodb.SequenceNumber)
	}
	text, times := strings.Join(numbers, " "), 1
	for _, earlier := range f.invoked {
		if earlier == text {
			times++
		}
	}
	f.invoked = append(f.invoked, text)
	switch outcome := f.outcome(text, times); outcome {
	case "":
		return []byte(`{"batchItemFailures":[]}`), nil
	case "error":
		return nil, errors.New("no")
	default:
		return []byte(`{"batchItemFailures":[{"itemIdentifier":"` + outcome + `"}]}`), nil
	}
}

func (f *function) keepDeadLetter(letter DeadLetter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = append(f.dead, fmt.Sprintf("%s-%s %d", letter.First, letter.Last, letter.Size))
}

func (f *function) state() (invoked, dead string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.invoked, ", "), strings.Join(f.dead, ", ")
}

// start runs a pump until the test ends, with events of at most so many bytes.
func start(t *testing.T, s *streams, f *function, bytes int) {
	t.Helper()
	server := httptest.NewServer(s)
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		Run(ctx, Options{
			URL: server.URL, Region: "r", Table: "t", Function: "f", Batch: 3, Retries: 2, Bytes: bytes, Pause: time.Millisecond,
			Invoke: f.invoke, OnDeadLetter: f.keepDeadLetter, Warn: func(string) {},
		})
	})
	t.Cleanup(func() {
		stop()
		running.Wait()
		server.Close()
	})
}

// The function gets every change in order, a parent shard's before its child's,
// and again from the first change that failed. After the retries, what is left of
// the batch is a dead letter and the next batch follows. A batch that always ends
// in an error is halved until the bad change is alone.
func TestPump(t *testing.T) {
	for name, test := range map[string]struct {
		outcome       func(numbers string, times int) string
		invoked, dead string
	}{
		"all is handled": {func(string, int) string { return "" }, "1 2 3, 4, 5", ""},
		"again from the failure": {func(numbers string, times int) string {
			if strings.Contains(numbers, "2") && times == 1 && numbers != "2 3" {
				return "2"
			}
			return ""
		}, "1 2 3, 2 3, 4, 5", ""},
		"a dead letter": {func(numbers string, _ int) string {
			if strings.Contains(numbers, "2") {
				return "2"
			}
			return ""
		}, "1 2 3, 2 3, 2 3, 4, 5", "2-3 2"},
		"an error": {func(numbers string, _ int) string {
			if strings.Contains(numbers, "1") {
				return "error"
			}
			return ""
		}, "1 2 3, 1 2 3, 1 2 3, 1, 1, 1, 2 3, 4, 5", "1-1 1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &function{outcome: test.outcome}
			start(t, &streams{records: map[string][]string{"a": {"1", "2", "3", "4"}, "b": {"5"}}, closed: map[string]bool{"a": true}}, f, 1<<20)
			await.Until(t, "the last change is handled", func() bool { invoked, _ := f.state(); return strings.HasSuffix(invoked, "5") })
			if invoked, dead := f.state(); invoked != test.invoked || dead != test.dead {
				t.Errorf("invoked with %s; dead are %s", invoked, dead)
			}
		})
	}
}

// When DynamoDB fails, the pump goes on where it was as soon as it can.
func TestPumpGoesOn(t *testing.T) {
	s := &streams{records: map[string][]string{"a": {"1"}}}
	f := &function{outcome: func(string, int) string { return "" }}
	start(t, s, f, 1<<20)
	await.Until(t, "the first change is handled", func() bool { invoked, _ := f.state(); return invoked == "1" })
	s.mu.Lock()
	s.fail, s.records["a"] = 4, []string{"1", "2"}
	s.mu.Unlock()
	await.Until(t, "the second change is handled", func() bool { invoked, _ := f.state(); return invoked == "1, 2" })
}

// An event is no larger than Lambda takes, so that large changes do not fail
// together. A change that is larger by itself is tried alone.
func TestPumpBoundsEvents(t *testing.T) {
	for bytes, want := range map[int]string{1: "1, 2, 3, 4", 150: "1 2, 3, 4", 1 << 20: "1 2 3, 4"} {
		s := &streams{records: map[string][]string{"a": {"1", "2", "3", "4"}}}
		f := &function{outcome: func(string, int) string { return "" }}
		start(t, s, f, bytes)
		await.Until(t, "all changes are handled", func() bool { invoked, _ := f.state(); return strings.HasSuffix(invoked, "4") })
		if invoked, _ := f.state(); invoked != want {
			t.Errorf("within %d bytes: %s, want %s", bytes, invoked, want)
		}
	}
}
