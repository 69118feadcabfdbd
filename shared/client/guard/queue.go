package guard

import (
	"context"
	"fmt"
)

const (
	// maxQuestions is how many questions are under way at once; others wait. Half of
	// them are reserved for keys that Keyward has accepted before. A flood of junk looks
	// like new keys, so it can delay only those.
	maxQuestions = 64
	// maxKnown limits the bytes of a generation of accepted keys. The guard recognizes
	// at least the last 4,096 of them.
	maxKnown = 2 << 20
)

// queue limits the questions under way, in a lane for unknown keys and one for keys
// that Keyward has accepted.
type queue struct {
	strangers, regulars chan struct{}
	known               cache
}

func newQueue() *queue {
	lane := func() chan struct{} { return make(chan struct{}, maxQuestions/2) }
	return &queue{strangers: lane(), regulars: lane(), known: cache{most: maxKnown}}
}

// enter waits until a key may be asked about. The caller must call leave afterwards.
// The error is the context's.
func (q *queue) enter(ctx context.Context, key digest) (leave func(), err error) {
	lane := q.strangers
	if _, known := q.known.get(key); known {
		lane = q.regulars
	}
	select {
	case lane <- struct{}{}:
		return func() { <-lane }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("too many questions are under way: %w", ctx.Err())
	}
}

// learn remembers whether Keyward accepts a key.
func (q *queue) learn(key digest, accepted bool) {
	if accepted {
		q.known.put(key, decision{ttl: 1, size: entrySize})
	} else {
		q.known.drop(key)
	}
}
