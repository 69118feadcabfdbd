package apikeytest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"github.com/keyward/keyward/shared/apikey"
)

// Peppers is an [apikey.Digester] and an [apikey.PepperMaker] that computes
// real keyed hashes, under publicly known peppers that depend only on the
// version. The zero Peppers is ready for use, with version 1 active. It is safe
// for concurrent use.
type Peppers struct {
	mu     sync.Mutex
	active int
	down   error
	calls  int
}

var (
	_ apikey.Digester    = (*Peppers)(nil)
	_ apikey.PepperMaker = (*Peppers)(nil)
)

// Digest implements [apikey.Digester] under the active version.
func (p *Peppers) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	p.mu.Lock()
	version := max(p.active, 1)
	p.mu.Unlock()
	return p.DigestWith(ctx, version, message)
}

// DigestWith implements [apikey.Digester]. A version above the active one is
// unknown: [apikey.Unavailable].
func (p *Peppers) DigestWith(ctx context.Context, version int, message []byte) (apikey.Digest, error) {
	if err := p.call(ctx, version); err != nil {
		return apikey.Digest{}, err
	}
	digest := apikey.Digest{Pepper: version}
	mac := hmac.New(sha256.New, fmt.Append(nil, "pepper ", version))
	mac.Write(message)
	mac.Sum(digest.Sum[:0])
	return digest, nil
}

// call counts a digest, and returns an error if it cannot be computed.
func (p *Peppers) call(ctx context.Context, version int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if cause := errors.Join(ctx.Err(), p.down); cause != nil {
		return apikey.UnavailableError("compute a digest", cause)
	}
	if version < 1 || version > max(p.active, 1) {
		return apikey.UnavailableError(fmt.Sprintf("find pepper %d", version), nil)
	}
	return nil
}

// NewPepper implements [apikey.PepperMaker] and makes the version active.
func (p *Peppers) NewPepper(ctx context.Context, version int) (apikey.Pepper, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if cause := errors.Join(ctx.Err(), p.down); cause != nil {
		return apikey.Pepper{}, apikey.UnavailableError("make a pepper", cause)
	}
	p.active = version
	return apikey.Pepper{Version: version, State: apikey.PepperActive, Wrapped: fmt.Append(nil, "wrapped ", version)}, nil
}

// Calls returns how many digests were requested.
func (p *Peppers) Calls() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls
}

// Break makes every call fail with [apikey.Unavailable] and that cause, until
// it is called with nil.
func (p *Peppers) Break(cause error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = cause
}
