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

// Commit implements [apikey.Store] with one transaction. It retries after
// contention and lost answers for up to three seconds. The package comment
// explains why the change is still applied only once.
func (s *Store) Commit(ctx context.Context, change apikey.Change) error {
	if len(change.Audits) == 0 && change.NeedsAudit() {
		return apikey.PermanentError(committing, errors.New("it has no audit record"))
	}
	var token *string
	if len(change.Audits) > 0 {
		token = aws.String(change.Audits[0].ID.String())
	}
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
		// The remaining transaction is a different one, so it cannot have the
		// first one's token.
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

// outcome interprets the reasons of a cancelled transaction, one for each item
// in order. If the first audit record already exists, the change was applied
// before, and that is success. Otherwise it returns the error of the first
// condition that failed. If only dispensable parts failed, it returns those.
func (p *plan) outcome(cancelled *types.TransactionCanceledException) (dispensable []optionalPart, err error) {
	reasons := cancelled.CancellationReasons
	if len(reasons) < len(p.steps)+len(p.audits) {
		return nil, apikey.UnavailableError("commit a change: reasons without items", cancelled)
	}
	if len(p.audits) > 0 && conditionFailed(reasons[len(p.steps)]) {
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

// invalidItem is the reason for an item that is refused, for example because it
// would be too large.
const invalidItem = "ValidationError"

func conditionFailed(reason types.CancellationReason) bool {
	return aws.ToString(reason.Code) == "ConditionalCheckFailed"
}
