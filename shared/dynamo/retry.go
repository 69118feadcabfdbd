package dynamo

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// patience says how long and how often to try a call. Waits between attempts
// are random, up to a bound that doubles (full jitter).
type retryPolicy struct {
	// attempts and total bound all of the call, attempt one try of it.
	attempts       int
	total, attempt time.Duration
	// first and longest bound a wait.
	first, longest time.Duration
}

var (
	// reading gives up early: an authorizer and its caller are waiting.
	readRetries = retryPolicy{attempts: 3, total: 2 * time.Second, attempt: 800 * time.Millisecond, first: 25 * time.Millisecond, longest: 100 * time.Millisecond}
	// writing has its bound in time alone: under contention each round lets
	// somebody through.
	writeRetries = retryPolicy{attempts: 1000, total: 3 * time.Second, attempt: time.Second, first: 25 * time.Millisecond, longest: 250 * time.Millisecond}
)

// try runs call until it succeeds, fails for good, or patience ends; then it
// returns the last error.
func (p retryPolicy) try(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, p.total)
	defer cancel()
	bound := p.first
	for n := 1; ; n++ {
		err := p.once(ctx, call)
		if err == nil || n == p.attempts || ctx.Err() != nil || !retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(rand.N(bound)):
		}
		bound = min(2*bound, p.longest)
	}
}

func (p retryPolicy) once(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, p.attempt)
	defer cancel()
	return call(ctx)
}

// singly switches the client's own retries off, which would multiply ours and
// may sleep for 20 s.
func noSDKRetry(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// passing reports whether the same call may succeed a moment later. That
// includes every failure of the way there and back, after which nobody knows
// whether the call was carried out: all our calls can be repeated safely.
func retryable(err error) bool {
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return onlyContention(cancelled.CancellationReasons)
	}
	if response, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && response.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		switch refusal.ErrorCode() {
		case "TransactionInProgressException", "TransactionConflictException", "ProvisionedThroughputExceededException",
			"ThrottlingException", "RequestLimitExceeded", "InternalServerError":
			return true
		}
		return false
	}
	return true
}

// onlyContention reports whether a transaction was cancelled for nothing but
// others that were in its way.
func onlyContention(reasons []types.CancellationReason) bool {
	contended := false
	for _, reason := range reasons {
		switch aws.ToString(reason.Code) {
		case "", "None":
		case "TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError":
			contended = true
		default:
			return false
		}
	}
	return contended
}
