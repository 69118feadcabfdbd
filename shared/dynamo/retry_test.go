package dynamo_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo"
	"github.com/keyward/keyward/shared/uuid"
)

// requireChange is a change of one item and its audit record.
var requireChange = apikey.Change{
	Writes: []apikey.Write{apikey.Require{Ref: apikey.KeyRef(uuid.UUID{6: 0x40, 8: 0x80}), Version: 1}},
	Audits: []apikey.AuditRecord{{ID: uuid.UUID{6: 0x40, 8: 0x80, 15: 1}, Org: acme, At: time.Unix(0, 0)}},
}

func cancelled(codes ...string) error {
	err := &types.TransactionCanceledException{Message: aws.String("cancelled")}
	for _, code := range codes {
		err.CancellationReasons = append(err.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
	}
	return err
}

func status(code int) error {
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: code}}, Err: &smithy.GenericAPIError{Code: "UnknownError"},
	}
}

var failures = map[string]struct {
	err       error
	retryable bool
	// forGood says that a repeated call would fail in the same way.
	forGood bool
}{
	"transaction conflict":       {cancelled("None", "TransactionConflict"), true, false},
	"throttled item":             {cancelled("ThrottlingError", "None"), true, false},
	"capacity of an item":        {cancelled("ProvisionedThroughputExceeded", "TransactionConflict"), true, false},
	"transaction in progress":    {&types.TransactionInProgressException{}, true, false},
	"conflict with a write":      {&types.TransactionConflictException{}, true, false},
	"throttled":                  {&types.ThrottlingException{}, true, false},
	"capacity":                   {&types.ProvisionedThroughputExceededException{}, true, false},
	"request limit":              {&types.RequestLimitExceeded{}, true, false},
	"server error":               {&types.InternalServerError{}, true, false},
	"status 503 without a code":  {status(http.StatusServiceUnavailable), true, false},
	"lost connection":            {errors.New("connection reset by peer"), true, false},
	"invalid item":               {cancelled("TransactionConflict", "ValidationError"), false, true},
	"reasons that fit no item":   {cancelled("ConditionalCheckFailed"), false, false},
	"cancelled for no reason":    {cancelled(), false, false},
	"no such table":              {&types.ResourceNotFoundException{}, false, false},
	"another change of that id":  {&types.IdempotentParameterMismatchException{}, false, false},
	"access denied":              {&smithy.GenericAPIError{Code: "AccessDeniedException"}, false, false},
	"status 400 without a code":  {status(http.StatusBadRequest), false, false},
	"validation of the request":  {&smithy.GenericAPIError{Code: "ValidationException"}, false, true},
	"expired credentials, say":   {&smithy.GenericAPIError{Code: "ExpiredTokenException"}, false, false},
	"unknown, without a status":  {&smithy.GenericAPIError{Code: "Whatever"}, false, false},
	"item collection over limit": {cancelled("ItemCollectionSizeLimitExceeded", "None"), false, true},
}

// A retryable failure is tried again with the same request until the call
// succeeds. Any other failure is Unavailable at once, or Permanent if DynamoDB
// refuses the request itself.
func TestCommitTriesAgain(t *testing.T) {
	defer dynamo.BeUsual()()
	for name, failure := range failures {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var tokens []string
				client := &stub{}
				client.transact = func(_ context.Context, input *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
					if tokens = append(tokens, *input.ClientRequestToken); client.calls <= 4 {
						return nil, failure.err
					}
					return &awsdynamodb.TransactWriteItemsOutput{}, nil
				}
				err := dynamo.New(client, dynamo.Names{}).Commit(t.Context(), requireChange)
				if failure.retryable && (err != nil || client.calls != 5) {
					t.Errorf("%d calls, error %v; want 5 and none", client.calls, err)
				}
				want := apikey.Unavailable
				if failure.forGood {
					want = apikey.Permanent
				}
				if !failure.retryable && (client.calls != 1 || err == nil || apikey.KindOf(err) != want) {
					t.Errorf("%d calls, error %v; want 1 of kind %d", client.calls, err, want)
				}
				for _, token := range tokens {
					if token != requireChange.Audits[0].ID.String() {
						t.Errorf("token %q is not the audit record's id", token)
					}
				}
			})
		})
	}
}

// Endless contention is Unavailable after three seconds, or after the caller's
// own deadline if that is earlier. The waits grow, so as not to make it worse.
func TestCommitGivesUp(t *testing.T) {
	defer dynamo.BeUsual()()
	for name, test := range map[string]struct{ deadline, want time.Duration }{
		"own bound":         {time.Hour, 3 * time.Second},
		"caller's deadline": {500 * time.Millisecond, 500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := &stub{transact: func(context.Context, *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
					return nil, cancelled("TransactionConflict", "None")
				}}
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				start := time.Now()
				err := dynamo.New(client, dynamo.Names{}).Commit(ctx, requireChange)
				if took := time.Since(start); apikey.KindOf(err) != apikey.Unavailable || took != test.want {
					t.Errorf("%v after %v, want Unavailable after %v", err, took, test.want)
				}
				if client.calls < 3 || client.calls > 120 {
					t.Errorf("%d calls", client.calls)
				}
			})
		})
	}
}

// A call that hangs is cancelled and sent again, so one lost packet does not
// use up the deadline.
func TestHangingCallIsSentAgain(t *testing.T) {
	defer dynamo.BeUsual()()
	synctest.Test(t, func(t *testing.T) {
		client := &stub{}
		client.transact = func(ctx context.Context, _ *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
			if client.calls == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return &awsdynamodb.TransactWriteItemsOutput{}, nil
		}
		start := time.Now()
		if err := dynamo.New(client, dynamo.Names{}).Commit(t.Context(), requireChange); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 1100*time.Millisecond {
			t.Errorf("took %v", took)
		}
	})
}

// A failed condition gives the error even if another item was contended. An
// existing audit record means that the change was applied before.
func TestCancellationReasons(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want apikey.Kind
		ok   bool
	}{
		"condition":                   {cancelled("ConditionalCheckFailed", "None"), apikey.Stale, false},
		"condition and contention":    {cancelled("ConditionalCheckFailed", "TransactionConflict"), apikey.Stale, false},
		"applied before":              {cancelled("None", "ConditionalCheckFailed"), 0, true},
		"applied before, and changed": {cancelled("ConditionalCheckFailed", "ConditionalCheckFailed"), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			client := &stub{transact: func(context.Context, *awsdynamodb.TransactWriteItemsInput) (*awsdynamodb.TransactWriteItemsOutput, error) {
				return nil, test.err
			}}
			err := dynamo.New(client, dynamo.Names{}).Commit(t.Context(), requireChange)
			if test.ok != (err == nil) || err != nil && apikey.KindOf(err) != test.want {
				t.Errorf("error %v", err)
			}
			if client.calls != 1 {
				t.Errorf("%d calls, want 1", client.calls)
			}
		})
	}
}

// Reads are tried three times and fail within two seconds, whatever DynamoDB
// does, because their callers are waiting.
func TestReadsGiveUpEarly(t *testing.T) {
	defer dynamo.BeUsual()()
	for name, get := range map[string]func(context.Context, *awsdynamodb.GetItemInput) (*awsdynamodb.GetItemOutput, error){
		"refusing": func(context.Context, *awsdynamodb.GetItemInput) (*awsdynamodb.GetItemOutput, error) {
			return nil, errors.New("connection refused")
		},
		"hanging": func(ctx context.Context, _ *awsdynamodb.GetItemInput) (*awsdynamodb.GetItemOutput, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := &stub{get: get}
				start := time.Now()
				_, err := dynamo.New(client, dynamo.Names{}).Key(t.Context(), uuid.UUID{})
				if took := time.Since(start); apikey.KindOf(err) != apikey.Unavailable || err == nil || took > 2*time.Second || client.calls != 3 {
					t.Errorf("error %v after %v and %d calls", err, took, client.calls)
				}
			})
		})
	}
}
