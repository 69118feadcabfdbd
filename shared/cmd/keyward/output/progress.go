package output

import (
	"fmt"
	"sync"
	"time"
)

// The times of a progress report: the first, and the next ones where a line cannot
// be written again.
const (
	firstReport = 2 * time.Second
	nextReport  = 10 * time.Second
)

// Progress reports on Err what status returns, from two seconds on, until stop is
// called, which waits for the last report.
func (p *Printer) Progress(status func() string) (stop func()) {
	if p.Quiet {
		return func() {}
	}
	done, reported := make(chan struct{}), sync.WaitGroup{}
	reported.Go(func() {
		timer := time.NewTimer(firstReport)
		defer timer.Stop()
		shown := false
		for {
			select {
			case <-done:
				if shown && p.Live {
					_, _ = fmt.Fprint(p.Err, "\r\x1b[K")
				}
				return
			case <-timer.C:
			}
			shown = true
			if p.Live {
				_, _ = fmt.Fprint(p.Err, "\r\x1b[K"+Safe(status()))
				timer.Reset(time.Second)
			} else {
				_, _ = fmt.Fprintln(p.Err, Safe(status()))
				timer.Reset(nextReport)
			}
		}
	})
	return sync.OnceFunc(func() {
		close(done)
		reported.Wait()
	})
}
