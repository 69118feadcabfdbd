package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// maxSteps keeps a transaction below DynamoDB's limit of 100 items.
const maxSteps = 90

// step is one item of a transaction, and the answer where its condition fails.
// Old is the item as it is, where the step asks for it.
type step struct {
	types.TransactWriteItem
	broken func(old item) *apikey.Error
}

// Commit implements [apikey.Store] with one transaction. Contention and lost
// answers are tried again for up to three seconds. The package comment tells
// why that applies a change once.
func (s *Store) Commit(ctx context.Context, change apikey.Change) error {
	var steps []step
	for _, write := range change.Writes {
		steps = append(steps, s.steps(write)...)
	}
	if len(steps) > maxSteps {
		return apikey.Failed(fmt.Sprintf("commit a change of %d items", len(steps)), nil)
	}
	input := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(change.Audit.ID.String())}
	for _, step := range steps {
		input.TransactItems = append(input.TransactItems, step.TransactWriteItem)
	}
	input.TransactItems = append(input.TransactItems, s.auditPut(change.Audit))

	err := writing.try(ctx, func(ctx context.Context) error {
		_, err := s.client.TransactWriteItems(ctx, input, singly)
		return err
	})
	if err == nil {
		return nil
	}
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return verdict(steps, cancelled)
	}
	return apikey.Failed("commit a change", err)
}

// verdict turns the reasons of a cancelled transaction, one for each item in
// order, into the answer: success where the last, the audit record, is there
// already; else the error of the first condition that failed.
func verdict(steps []step, cancelled *types.TransactionCanceledException) error {
	reasons := cancelled.CancellationReasons
	if len(reasons) != len(steps)+1 {
		return apikey.Failed("commit a change: reasons without items", cancelled)
	}
	if conditionFailed(reasons[len(steps)]) {
		return nil
	}
	for i, step := range steps {
		if conditionFailed(reasons[i]) {
			return step.broken(reasons[i].Item)
		}
	}
	return apikey.Failed("commit a change", cancelled)
}

func conditionFailed(reason types.CancellationReason) bool {
	return aws.ToString(reason.Code) == "ConditionalCheckFailed"
}
