package pump

import (
	"context"
	"encoding/json"
)

// handle invokes the function until it has handled a batch, or its retries are
// used up. Then what is left is a dead letter. A batch that the function cannot
// answer at all is halved, so that one bad record is found.
func (p *Pump) handle(ctx context.Context, shard string, batch []record) {
	for failures := 0; len(batch) > 0 && ctx.Err() == nil; failures++ {
		if failures > 0 {
			p.wait(ctx, failures)
		}
		left, reason := p.try(ctx, batch)
		if len(left) < len(batch) {
			failures = 0
		}
		batch = left
		switch {
		case ctx.Err() != nil || len(batch) == 0:
			return
		case failures < p.options.Retries:
		case reason != refusedSome && len(batch) > 1:
			half := len(batch) / 2
			p.handle(ctx, shard, batch[:half])
			p.handle(ctx, shard, batch[half:])
			return
		default:
			p.options.OnDeadLetter(DeadLetter{p.options.Function, shard, batch[0].number, batch[len(batch)-1].number, len(batch), reason})
			return
		}
	}
}

// refusedSome is the reason of a batch whose answer names changes that failed.
const refusedSome = "the function did not handle the first of them"

// try invokes the function once. It returns what is to be sent again: all from
// the first failure on, and why.
func (p *Pump) try(ctx context.Context, batch []record) (left []record, reason string) {
	var event struct{ Records []json.RawMessage }
	for _, r := range batch {
		event.Records = append(event.Records, r.text)
	}
	text, err := json.Marshal(event)
	if err != nil {
		return batch, err.Error()
	}
	answer, err := p.options.Invoke(ctx, text)
	if err != nil {
		return batch, err.Error()
	}
	var failed struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(answer, &failed); err != nil {
		return batch, "the function's answer is not one for a stream"
	}
	for i, r := range batch {
		for _, f := range failed.BatchItemFailures {
			if f.ItemIdentifier == r.number {
				return batch[i:], refusedSome
			}
		}
	}
	return nil, ""
}
