package lambda

import (
	"crypto/rand"
	"fmt"
	"sync"
	"time"

	"github.com/keyward/keyward/shared/uuid"
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
	id, _ := uuid.New(rand.Reader) // never fails
	var random [12 + 8]byte
	_, _ = rand.Read(random[:])
	return &invocation{
		id:    id.String(),
		trace: fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), random[:12], random[12:]),
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
