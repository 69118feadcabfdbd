package apikey

import "sync"

// search is what a request loads for besides the records that it names and what
// these name. It is asked as soon as the named ones are read. The refs are read
// with what they name. What load does, such as listing all keys of a user, is
// done meanwhile, and so must not touch the view; nil is nothing.
type prefetch func(v *view) (refs []Ref, load func())

// together does all at the same time, and returns the first error in their
// order. A panic goes on in the caller, who may recover.
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
