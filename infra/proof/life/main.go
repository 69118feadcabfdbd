// Command life proves two promises about a key's life, under load and with the
// real binaries behind the local gateway: a rotation with an overlap refuses
// nobody, and a deleted key is refused within the stated bound. It starts a stack
// of its own, and leaves nothing behind.
//
// All times are of this machine's one clock. A decision starts after its request
// was sent, and a change is committed before it is answered. So what is held
// against the bound is stricter than the promise: the time from the answer of the
// change to the sending of the request.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/operations"
)

// settings are what the proof can be run with.
type settings struct {
	rate, keys int
	ttl        time.Duration
}

func main() {
	rate := flag.Int("rate", 200, "requests a second during the rotations")
	keys := flag.Int("keys", 1000, "how many keys to delete")
	ttl := flag.Int("ttl", 1, "the authorizer's memory TTL, in seconds")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, settings{*rate, *keys, time.Duration(*ttl) * time.Second}); err != nil {
		fmt.Fprintln(os.Stderr, "keyward: proof-life:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	say("starting a stack; all takes about three minutes")
	running, err := stack.Start(ctx, stack.Options{
		Environment: map[string]string{operations.EnvCacheTTL: strconv.Itoa(int(s.ttl.Seconds()))},
	})
	if err != nil {
		return err
	}
	defer running.Stop()
	c := newClient(running.URL, running.AdminKey)
	defer c.close()
	if err := c.admit(ctx, s.keys); err != nil {
		return err
	}
	fmt.Printf("the gateway keeps no answer, and the authorizer keeps records for %v: the bound is %v\n\n", s.ttl, s.ttl)
	rotations, err := rotate(ctx, c, s)
	if err != nil {
		return err
	}
	deletions, err := revoke(ctx, c, s)
	if err != nil {
		return err
	}
	if rotations.show(os.Stdout) && deletions.show(os.Stdout) {
		return nil
	}
	return errors.New("a promise does not hold: see above")
}

func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "keyward: "+format+"\n", args...) }

// progress tells every two seconds how far something has come, until the
// returned function is called.
func progress(what string, done *atomic.Int64, of int) (stop func()) {
	end := make(chan struct{})
	go func() {
		tick := time.NewTicker(2 * time.Second)
		defer tick.Stop()
		for {
			select {
			case <-end:
				return
			case <-tick.C:
				say("%s: %d of %d", what, done.Load(), of)
			}
		}
	}()
	return func() { close(end) }
}
