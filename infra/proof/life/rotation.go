package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	rotations = 3
	// overlap is how long the previous secret works after a rotation.
	overlap = 10 * time.Second
)

// secret is one of the key's secrets.
type secret struct {
	text string
	// from is when the secret was surely made, and ends when it ends; zero for
	// never.
	from, ends time.Time
	tries      []try
}

// rotated is what was seen of a key that was rotated under load.
type rotated struct {
	settings
	secrets []*secret
	took    time.Duration
}

// load uses the newest secret and the one before it in turn, at a rate, until the
// context ends.
type load struct {
	client
	mu      sync.Mutex
	secrets []*secret
	sent    atomic.Int64
}

func (l *load) next(n int) *secret {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.secrets[max(0, len(l.secrets)-1-n%2)]
}

// atOnce is how many requests may wait for their answers.
const atOnce = 64

// run sends request n at its time, or as soon as there is room for it. It does
// not send what it could not send in time, so that no burst follows a pause.
func (l *load) run(ctx context.Context, rate int) {
	var group errgroup.Group
	group.SetLimit(atOnce)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-ctx.Done():
		case <-tick.C:
			group.Go(func() error {
				s := l.next(n)
				t := l.try(context.WithoutCancel(ctx), s.text)
				l.sent.Add(1)
				l.mu.Lock()
				defer l.mu.Unlock()
				s.tries = append(s.tries, t)
				return nil
			})
		}
	}
	_ = group.Wait()
}

// rotate rotates a key three times under load.
func rotate(ctx context.Context, c client, s settings) (seen rotated, err error) {
	made, err := c.create(ctx, "rotated")
	if err != nil {
		return rotated{}, err
	}
	l := &load{client: c, secrets: []*secret{{text: made.Text, from: time.Now()}}}
	// Each overlap runs out, and then the bound, before the next rotation.
	each := overlap + s.ttl + 2*time.Second
	defer progress("rotations, requests", &l.sent, int((rotations*each).Seconds())*s.rate)()
	under, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	began := time.Now()
	running.Go(func() { l.run(under, s.rate) })
	for range rotations {
		if err = l.rotate(ctx, made.ID); err != nil {
			break
		}
		select {
		case <-ctx.Done():
			err = ctx.Err()
		case <-time.After(each):
		}
		if err != nil {
			break
		}
	}
	stop()
	running.Wait()
	return rotated{s, l.secrets, time.Since(began)}, err
}

// rotate rotates the key once, and uses its new secret from then on.
func (l *load) rotate(ctx context.Context, id string) error {
	var made key
	answered, err := l.manage(ctx, http.MethodPost, "/v1/apikeys/"+id+"/rotate", map[string]any{"overlapSeconds": int(overlap.Seconds())}, &made)
	if err != nil {
		return err
	}
	if len(made.Secrets) < 2 {
		return fmt.Errorf("the rotation shows %d secrets", len(made.Secrets))
	}
	ends, err := time.Parse(time.RFC3339, made.Secrets[1].EndsOn)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.secrets[len(l.secrets)-1].ends = ends
	l.secrets = append(l.secrets, &secret{text: made.Text, from: answered})
	return err
}

// judged is what was wrong with the answers to some requests.
type judged struct {
	tries, allowed, refused, unanswered int
	// wrongly are refusals of a secret that worked, late allows after a secret's
	// end, and beyond those that came later than the bound.
	wrongly, late, beyond int
}

// judge compares the answers with what they had to be. endsWithin is how exactly
// the end of a secret is known: it is told in whole seconds, rounded down.
func (s *secret) judge(bound, endsWithin time.Duration) (j judged) {
	for _, t := range s.tries {
		j.tries++
		worked := !t.sent.Before(s.from) && (s.ends.IsZero() || t.answered.Before(s.ends))
		ended := !s.ends.IsZero() && !t.sent.Before(s.ends.Add(endsWithin))
		switch {
		case t.refused():
			j.refused++
			if worked {
				j.wrongly++
			}
		case t.allowed():
			j.allowed++
			if ended {
				j.late++
			}
			if ended && t.sent.Sub(s.ends.Add(endsWithin)) > bound {
				j.beyond++
			}
		default:
			j.unanswered++
		}
	}
	return j
}

// show prints what was seen, and reports whether the promise holds.
func (r rotated) show(w io.Writer) bool {
	var all judged
	for _, s := range r.secrets {
		j := s.judge(r.ttl, time.Second)
		all.tries, all.allowed, all.refused, all.unanswered = all.tries+j.tries, all.allowed+j.allowed, all.refused+j.refused, all.unanswered+j.unanswered
		all.wrongly, all.late, all.beyond = all.wrongly+j.wrongly, all.late+j.late, all.beyond+j.beyond
	}
	_, _ = fmt.Fprintf(w, "Rotation: %d with an overlap of %v, %.0f requests a second (asked for %d), with the newest secret and the one before\n",
		len(r.secrets)-1, overlap, float64(all.tries)/r.took.Seconds(), r.rate)
	_, _ = fmt.Fprintf(w, "  %d requests: %d allowed, %d refused, %d without a decision\n", all.tries, all.allowed, all.refused, all.unanswered)
	_, _ = fmt.Fprintf(w, "  refused although the secret worked: %d (at most 0)\n", all.wrongly)
	_, _ = fmt.Fprintf(w, "  allowed after the secret's end: %d, of which beyond the bound: %d (at most 0)\n\n", all.late, all.beyond)
	// A run in which little was decided proves little.
	return all.wrongly == 0 && all.beyond == 0 && all.allowed > 0 && all.refused > 0 && all.unanswered*100 <= all.tries
}
