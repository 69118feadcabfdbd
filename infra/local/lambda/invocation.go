package lambda

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"
	"time"
)

// invocation is one event for a function.
type invocation struct {
	id, trace string
	event     []byte
	finish    sync.Once
	done      chan struct{}
	answer    []byte
	err       error

	// These are guarded by the pool's lock.
	process  *process // nil while it waits
	deadline *time.Timer
}

func newInvocation(event []byte) *invocation {
	var random [16 + 12]byte
	_, _ = rand.Read(random[:])
	h := hex.EncodeToString(random[:])
	return &invocation{
		id:    fmt.Sprintf("%s-%s-4%s-8%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:32]),
		trace: fmt.Sprintf("Root=1-%08x-%s;Parent=%s;Sampled=0", time.Now().Unix(), h[32:56], h[:16]),
		event: event, done: make(chan struct{}),
	}
}

// end sets the invocation's outcome; only the first call counts.
func (i *invocation) end(answer []byte, err error) {
	i.finish.Do(func() {
		i.answer, i.err = answer, err
		close(i.done)
	})
}
