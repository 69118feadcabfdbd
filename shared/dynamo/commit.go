package dynamo

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

const committing = "commit a change"

// Commit implements [apikey.Store] with one transaction. Contention and lost
// answers are tried again for up to three seconds. The package comment tells
// why that applies a change once.
func (s *Store) Commit(ctx context.Context, change apikey.Change) error {
	if len(change.Audits) == 0 {
		return apikey.PermanentError(committing, errors.New("it has no audit record"))
	}
	token := aws.String(change.Audits[0].ID.String())
	for dropped := make(map[optionalPart]bool); ; token = nil {
		p, err := s.plan(change, dropped)
		if err != nil {
			return apikey.PermanentError(committing, err)
		}
		err = s.send(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: p.render(), ClientRequestToken: token})
		cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
		switch {
		case err == nil:
			return nil
		case !ok:
			return failed(committing, err)
		}
		dispensable, err := p.outcome(cancelled)
		if err != nil || len(dispensable) == 0 {
			return err
		}
		// What remains is another transaction, which must not have the token of
		// the first.
		for _, what := range dispensable {
			dropped[what] = true
		}
	}
}

func (s *Store) send(ctx context.Context, input *dynamodb.TransactWriteItemsInput) error {
	return writeRetries.try(ctx, func(ctx context.Context) error {
		_, err := s.writes.TransactWriteItems(ctx, input, noSDKRetry)
		return err
	})
}

// verdict turns the reasons of a cancelled transaction, one for each item in
// order, into the answer: success where the first audit record is there
// already; else the error of the first condition that failed. Where nothing
// failed but what the change can do without, that is returned.
func (p *plan) outcome(cancelled *types.TransactionCanceledException) (dispensable []optionalPart, err error) {
	reasons := cancelled.CancellationReasons
	if len(reasons) <= len(p.steps) {
		return nil, apikey.UnavailableError("commit a change: reasons without items", cancelled)
	}
	if conditionFailed(reasons[len(p.steps)]) {
		return nil, nil
	}
	first := p.conditions
	for i, s := range p.steps {
		if s.repeat != nil && s.set == nil && aws.ToString(reasons[i].Code) == invalidItem {
			dispensable = append(dispensable, optionalPart{s.itemKey, true})
		}
		if !conditionFailed(reasons[i]) {
			continue
		}
		old := reasons[i].Item
		for _, c := range s.conditions {
			switch {
			case len(s.conditions) > 1 && c.holds != nil && c.holds(old):
			case c.failure == nil:
				dispensable = append(dispensable, optionalPart{s.itemKey, false})
			case c.order < first:
				first, err = c.order, c.failure(old)
			}
		}
	}
	if err == nil && len(dispensable) == 0 {
		err = failed(committing, cancelled)
	}
	return dispensable, err
}

// invalidItem is the reason of an item that would be too large, for one.
const invalidItem = "ValidationError"

func conditionFailed(reason types.CancellationReason) bool {
	return aws.ToString(reason.Code) == "ConditionalCheckFailed"
}
