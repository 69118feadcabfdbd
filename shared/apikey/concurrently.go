package apikey

import "sync"

// prefetch finds what a request needs besides the records that it names. It is
// called as soon as those are read. It returns more refs, which are read next,
// and a function that is run at the same time, for instance to list a user's
// keys; nil for none. That function must not touch the view.
type prefetch func(v *view) (refs []Ref, load func())

// concurrently runs all functions at the same time, and returns the error of
// the first function in order that failed. It passes a panic on to its caller,
// who can recover.
func concurrently(all ...func() error) error {
	errs, crashes := make([]error, len(all)), make([]any, len(all))
	var done sync.WaitGroup
	for i, do := range all {
		done.Go(func() {
			defer func() { crashes[i] = recover() }()
			errs[i] = do()
		})
	}
	done.Wait()
	for _, crash := range crashes {
		if crash != nil {
			panic(crash)
		}
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// inTurns calls do with every index below count, at most atOnce at the same time.
func inTurns(atOnce, count int, do func(i int)) {
	var group sync.WaitGroup
	turns := make(chan struct{}, atOnce)
	for i := range count {
		turns <- struct{}{}
		group.Go(func() {
			defer func() { <-turns }()
			do(i)
		})
	}
	group.Wait()
}
