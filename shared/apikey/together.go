package apikey

import "sync"

// search is what a request looks for besides the records that it names, such as
// all keys of a user. It is asked as soon as these records are read. What it
// returns is done while what they name is read, and so must not touch the view;
// nil is nothing.
type search func(v *view) (look func())

// together does all at the same time, and returns the first error in their
// order. A panic goes on in the caller, who may recover.
func together(all ...func() error) error {
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
