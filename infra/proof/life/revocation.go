package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	// deleteEvery is the time between two deletions, useEvery that between two uses
	// of a key.
	deleteEvery = 40 * time.Millisecond
	useEvery    = 150 * time.Millisecond
	// usedBefore is how long a key is used before it is deleted.
	usedBefore = 600 * time.Millisecond
)

// deleted is what was seen of a key that was deleted while it was used.
type deleted struct {
	// answered is when the deletion was answered; it was committed before.
	answered time.Time
	tries    []try
}

// last returns how long after the answer of the deletion the last allowed request
// was sent; 0 if it was sent before. used says that the key was used before the
// deletion, and gone that it is refused at last.
func (d deleted) last() (late time.Duration, used, gone bool) {
	for _, t := range d.tries {
		if t.allowed() {
			used = used || t.answered.Before(d.answered)
			late = max(late, t.sent.Sub(d.answered))
		}
	}
	return late, used, len(d.tries) > 0 && d.tries[len(d.tries)-1].refused()
}

// revoked is what was seen of all keys.
type revoked struct {
	settings
	keys []deleted
	took time.Duration
}

// revoke deletes keys one by one, each of which is used before and after.
func revoke(ctx context.Context, c client, s settings) (revoked, error) {
	keys, err := createAll(ctx, c, s.keys)
	if err != nil {
		return revoked{}, err
	}
	var done, used atomic.Int64
	defer progress("deletions", &done, s.keys)()
	seen := revoked{settings: s, keys: make([]deleted, len(keys))}
	began := time.Now()
	var users sync.WaitGroup
	turn := time.NewTicker(deleteEvery)
	defer turn.Stop()
	ahead := int(usedBefore / deleteEvery)
	ends := make([]chan time.Time, len(keys))
	for n := range len(keys) + ahead {
		if n < len(keys) {
			ends[n] = make(chan time.Time, 1)
			users.Go(func() { seen.keys[n] = use(ctx, c, keys[n].Text, ends[n], s.ttl+500*time.Millisecond); used.Add(1) })
		}
		if of := n - ahead; of >= 0 && err == nil {
			var answered time.Time
			answered, err = c.manage(ctx, http.MethodDelete, "/v1/apikeys/"+keys[of].ID, nil, nil)
			ends[of] <- answered
			done.Add(1)
		} else if of >= 0 {
			ends[of] <- time.Now()
		}
		select {
		case <-ctx.Done():
			err = errors.Join(err, ctx.Err())
		case <-turn.C:
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return revoked{}, err
	}
	users.Wait()
	seen.took = time.Since(began)
	return seen, nil
}

// use uses a key until it was deleted so long ago.
func use(ctx context.Context, c client, text string, deletion <-chan time.Time, after time.Duration) (d deleted) {
	tick := time.NewTicker(useEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return d
		case d.answered = <-deletion:
			deletion = nil
			continue
		case <-tick.C:
		}
		t := c.try(ctx, text)
		d.tries = append(d.tries, t)
		if !d.answered.IsZero() && t.sent.Sub(d.answered) > after && t.status != 0 {
			return d
		}
	}
}

// createAll creates keys, some at a time.
func createAll(ctx context.Context, c client, count int) ([]key, error) {
	var done atomic.Int64
	defer progress("keys created", &done, count)()
	keys := make([]key, count)
	var group errgroup.Group
	group.SetLimit(4)
	for n := range keys {
		group.Go(func() (err error) {
			keys[n], err = c.create(ctx, fmt.Sprint("deleted ", n))
			done.Add(1)
			return err
		})
	}
	return keys, group.Wait()
}

// show prints what was seen, and reports whether the promise holds.
func (r revoked) show(w io.Writer) bool {
	var lates []time.Duration
	tries, unused, undecided, beyond, standing := 0, 0, 0, 0, 0
	for _, d := range r.keys {
		late, used, gone := d.last()
		if lates = append(lates, late); late > r.ttl {
			beyond++
		}
		if !used {
			unused++
		}
		if !gone {
			standing++
		}
		tries += len(d.tries)
		for _, t := range d.tries {
			if !t.allowed() && !t.refused() {
				undecided++
			}
		}
	}
	slices.Sort(lates)
	at := func(percent int) time.Duration {
		return lates[(len(lates)-1)*percent/100].Round(time.Millisecond)
	}
	_, _ = fmt.Fprintf(w, "Revocation: %d keys deleted one by one, %.0f a second, while they were used, %.0f requests a second\n",
		len(r.keys), float64(len(r.keys))/r.took.Seconds(), float64(tries)/r.took.Seconds())
	_, _ = fmt.Fprintf(w, "  %d requests, %d without a decision; %d keys not used before their deletion\n", tries, undecided, unused)
	_, _ = fmt.Fprintf(w, "  last allowed request of a key, sent after its deletion was answered: p50 %v, p90 %v, p99 %v, max %v (at most %v)\n",
		at(50), at(90), at(99), at(100), r.ttl)
	_, _ = fmt.Fprintf(w, "  keys beyond the bound: %d (at most 0), keys not refused at last: %d (at most 0)\n", beyond, standing)
	return beyond == 0 && standing == 0 && unused*10 <= len(r.keys) && undecided*100 <= tries
}
