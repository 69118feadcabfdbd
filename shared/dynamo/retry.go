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

// retryPolicy says how long and how often to try a call. Waits between attempts
// are random, up to a bound that doubles (full jitter).
type retryPolicy struct {
	// attempts and total limit the whole call, attempt a single try.
	attempts       int
	total, attempt time.Duration
	// first and longest limit the bound of a wait.
	first, longest time.Duration
}

var (
	// readRetries gives up early, because an authorizer and its caller are
	// waiting.
	readRetries = retryPolicy{attempts: 3, total: 2 * time.Second, attempt: 800 * time.Millisecond, first: 25 * time.Millisecond, longest: 100 * time.Millisecond}
	// writeRetries is limited by time alone: under contention, some call gets
	// through in each round.
	writeRetries = retryPolicy{attempts: 1000, total: 3 * time.Second, attempt: time.Second, first: 25 * time.Millisecond, longest: 250 * time.Millisecond}
)

// try runs call until it succeeds, fails permanently, or the policy's limits
// are reached. It returns the last error.
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

// noSDKRetry turns off the client's own retries, which would multiply ours and
// can sleep for 20 s.
func noSDKRetry(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

// retryable reports whether the same call may succeed a moment later. That
// includes every network failure, after which it is unknown whether the call
// was carried out: all our calls can safely be repeated.
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

// onlyContention reports whether a transaction was cancelled only because of
// concurrent ones or throttling.
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
