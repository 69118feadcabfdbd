// Package doctor finds out why a Keyward does not answer, or not as its user
// expects: by the URL, the network, the clock, the credential and its permissions,
// each with what to do about it.
package doctor

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// State is the result of a check.
type State string

// The results of a check.
const (
	OK      State = "ok"
	Warning State = "warning"
	Wrong   State = "wrong"
)

// Finding is the result of a check, with what to do in a line.
type Finding struct {
	Check  string `json:"check"`
	State  State  `json:"state"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty"`
	// Code is the exit code that goes with it, if it is wrong.
	Code int `json:"-"`
}

// Patient is what is examined.
type Patient struct {
	// URL is that of the API, as it was configured.
	URL string
	// Key is the text of the key; empty if the credential is an access token.
	Key client.Secret
	// CredentialError says why there is no credential.
	CredentialError error
	// Client calls the API with the credential; nil if there is none.
	Client *client.Client
	// Permissions are those that the user needs.
	Permissions []string
	// Now is the time.
	Now func() time.Time
}

// Examine yields the finding of each check. It ends with the first after which the
// others would say nothing new.
func (p Patient) Examine(ctx context.Context, yield func(Finding) bool) {
	address, found := p.url()
	if !yield(found) || found.State == Wrong {
		return
	}
	answer, found := p.getDocument(ctx, address)
	if !yield(found) || found.State == Wrong {
		return
	}
	for _, found := range []Finding{p.keyward(answer), p.clock(answer)} {
		if !yield(found) || found.State == Wrong {
			return
		}
	}
	if found := p.credential(); !yield(found) || found.State == Wrong {
		return
	}
	me, found := p.signIn(ctx)
	if !yield(found) || me == nil {
		return
	}
	for _, found := range append(p.expiry(me), p.permissions(me)...) {
		if !yield(found) {
			return
		}
	}
}

// Code returns the exit code of findings: that of the first that is wrong.
func Code(findings []Finding) int {
	for _, f := range findings {
		if f.State == Wrong {
			return f.Code
		}
	}
	return failure.OK
}
