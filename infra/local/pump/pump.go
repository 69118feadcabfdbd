// Package pump invokes a function with the changes in a table's stream, as an
// event source mapping of AWS Lambda does: in order, again from the first change
// that failed, and after some attempts without it.
package pump

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/keyward/keyward/infra/local/awsjson"
)

// Options configure a pump. All fields must be set, except for Pause.
type Options struct {
	// URL is the endpoint of DynamoDB Streams, and Region its region.
	URL, Region string
	// Table is the name of the table, and Function that of the function. The
	// requests are signed with the function's role.
	Table, Function string
	// Batch is how many changes an invocation gets, at most; Retries how often a
	// batch is sent again. Bytes is how large its event is, unless one change alone is
	// larger.
	Batch, Retries, Bytes int
	// Invoke runs the function.
	Invoke func(ctx context.Context, event []byte) ([]byte, error)
	// OnDeadLetter receives what the function did not handle.
	OnDeadLetter func(DeadLetter)
	// Warn receives a line when the stream cannot be read, once until it can.
	Warn func(line string)
	// Pause is the time between two looks at a stream without changes; 0 means
	// 250 ms. After failures it is longer.
	Pause time.Duration
}

// DeadLetter says which changes a function did not handle, as the message in a
// queue for dead letters does.
type DeadLetter struct {
	Function string `json:"function"`
	ShardID  string `json:"shardId"`
	First    string `json:"startSequenceNumber"`
	Last     string `json:"endSequenceNumber"`
	Size     int    `json:"batchSize"`
	Reason   string `json:"reason"`
}

// Pump is where a function is in a stream.
type Pump struct {
	options Options
	client  client
	stream  string
	// at is the iterator of each shard that is being read. after is the last
	// sequence number that was handled. done holds the shards that were read to the
	// end.
	at, after map[string]string
	done      map[string]bool
	warned    bool
}

// longestPause is the time between two attempts after many failures.
const longestPause = time.Second

// Run pumps until ctx ends.
func Run(ctx context.Context, options Options) {
	if options.Pause == 0 {
		options.Pause = 250 * time.Millisecond
	}
	p := &Pump{
		options: options, client: client{awsjson.Endpoint{URL: options.URL, Region: options.Region, Caller: options.Function}},
		at: map[string]string{}, after: map[string]string{}, done: map[string]bool{},
	}
	failures := 0
	for ctx.Err() == nil {
		moved, err := p.round(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			p.fail(err)
			failures++
		case err == nil:
			p.warned, failures = false, 0
		}
		if !moved {
			p.wait(ctx, failures)
		}
	}
}

// fail forgets what may not be valid any more, such as iterators, which expire.
func (p *Pump) fail(err error) {
	if !p.warned {
		p.options.Warn(err.Error())
	}
	p.warned, p.stream = true, ""
	clear(p.at)
}

// wait pauses, for longer after failures.
func (p *Pump) wait(ctx context.Context, failures int) {
	select {
	case <-ctx.Done():
	case <-time.After(min(p.options.Pause<<min(failures, 8), longestPause)):
	}
}

// round reads each shard once, but none before its parent's end. moved says that
// there were changes.
func (p *Pump) round(ctx context.Context) (moved bool, err error) {
	if p.stream == "" {
		if p.stream, err = p.client.stream(ctx, p.options.Table); err != nil {
			return false, err
		}
	}
	shards, err := p.client.shards(ctx, p.stream)
	if err != nil {
		return false, err
	}
	listed := map[string]bool{}
	for _, s := range shards {
		listed[s.ID] = true
	}
	for _, s := range shards {
		if p.done[s.ID] || listed[s.Parent] && !p.done[s.Parent] {
			continue
		}
		n, err := p.read(ctx, s.ID)
		if err != nil {
			return moved, err
		}
		moved = moved || n > 0
	}
	return moved, nil
}

// read handles the next records of a shard and returns how many there were.
func (p *Pump) read(ctx context.Context, shard string) (n int, err error) {
	if p.at[shard] == "" {
		if p.at[shard], err = p.client.iterator(ctx, p.stream, shard, p.after[shard]); err != nil {
			return 0, err
		}
	}
	texts, next, err := p.client.records(ctx, p.at[shard], p.options.Batch)
	if err != nil {
		return 0, err
	}
	batch, err := p.batch(texts)
	if err != nil {
		return 0, err
	}
	for rest := batch; len(rest) > 0; {
		n := p.fitting(rest)
		if p.handle(ctx, shard, rest[:n]); ctx.Err() != nil {
			return 0, ctx.Err()
		}
		rest = rest[n:]
	}
	if len(batch) > 0 {
		p.after[shard] = batch[len(batch)-1].number
	}
	p.at[shard], p.done[shard] = next, next == ""
	return len(batch), nil
}

// fitting returns how many of the records fit into an event: at least one.
func (p *Pump) fitting(batch []record) int {
	size := len(`{"Records":[]}`)
	for i, r := range batch {
		if size += len(r.text) + len(","); size > p.options.Bytes && i > 0 {
			return i
		}
	}
	return len(batch)
}

// record is a record and its sequence number.
type record struct {
	text   json.RawMessage
	number string
}

// batch returns records as Lambda sends them: with the stream's ARN.
func (p *Pump) batch(texts []json.RawMessage) (batch []record, err error) {
	for _, text := range texts {
		var members map[string]json.RawMessage
		var known struct {
			Dynamodb struct{ SequenceNumber string }
		}
		if err := json.Unmarshal(text, &members); err != nil {
			return nil, fmt.Errorf("read a record: %w", err)
		}
		if err := json.Unmarshal(text, &known); err != nil {
			return nil, fmt.Errorf("read a record: %w", err)
		}
		members["eventSourceARN"], _ = json.Marshal(p.stream)
		whole, err := json.Marshal(members)
		if err != nil {
			return nil, err
		}
		batch = append(batch, record{whole, known.Dynamodb.SequenceNumber})
	}
	return batch, nil
}
