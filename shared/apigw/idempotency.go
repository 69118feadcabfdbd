package apigw

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

const (
	// IdempotencyKey is the header with which a caller can repeat a request
	// (draft-ietf-httpapi-idempotency-key-header).
	IdempotencyKey = "Idempotency-Key"
	// MaxIdempotencyKey is its maximum length, in characters.
	MaxIdempotencyKey = 255
	// IdempotentReplayed is the header of an answer to a repetition.
	IdempotentReplayed = "Idempotent-Replayed"
)

// repeatable returns the action with support for [IdempotencyKey].
func repeatable(a action) action {
	serve := a.serve
	a.Repeatable = true
	a.serve = func(ctx context.Context, api API, c call) (reply, error) {
		c.repeatable = true
		return serve(ctx, api, c)
	}
	return a
}

// idempotency returns what makes the request repeatable; nothing if the caller
// did not ask for that. The fingerprint covers the operation, the {id} and the
// body as it was sent. So the same JSON in another form is another request.
func (c call) idempotency() (apikey.Idempotency, error) {
	if !c.repeatable {
		return apikey.Idempotency{}, nil
	}
	values := headerValues(c.event, IdempotencyKey)
	switch {
	case len(values) == 0:
		return apikey.Idempotency{}, nil
	case len(values) > 1:
		return apikey.Idempotency{}, invalid(IdempotencyKey, apikey.FieldValue, IdempotencyKey+" is given more than once.")
	}
	key := values[0]
	if key == "" || len(key) > MaxIdempotencyKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return apikey.Idempotency{}, invalid(IdempotencyKey, apikey.FieldValue,
			fmt.Sprintf("%s is 1 to %d visible ASCII characters without spaces, such as a UUID.", IdempotencyKey, MaxIdempotencyKey))
	}
	body, err := bodyOf(c.event)
	if err != nil {
		return apikey.Idempotency{}, err
	}
	asked := fmt.Appendf(nil, "%s %q ", c.op.Name, c.event.PathParameters["id"])
	return apikey.Idempotency{Key: sha256.Sum256([]byte(key)), Fingerprint: sha256.Sum256(append(asked, body...))}, nil
}
