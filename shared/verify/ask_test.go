package verify

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
)

// readerFunc is a store that consists of one function.
type readerFunc func(ctx context.Context, refs []apikey.Ref) (apikey.Found, error)

func (f readerFunc) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	return f(ctx, refs)
}

// unbuilt stands for no built-in services.
func unbuilt() []builtin { return nil }

// ask looks up records, all at once, and returns the first one.
func ask(ctx context.Context, r *recordCache, names ...name) (content, error) {
	l := (&Verifier{records: r, builtin: unbuilt}).lookup(&Request{})
	defer l.release()
	r.mu.Lock()
	for _, n := range names {
		l.request(n, r.now())
	}
	r.mu.Unlock()
	r.fetch(ctx, l)
	s := l.slots[names[0].kind]
	return s.value, s.err
}
