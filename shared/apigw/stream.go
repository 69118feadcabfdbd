package apigw

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/operations"
)

// StreamHandler handles changes of a table, in their order within each
// partition. Its answer names the changes that failed: Lambda sends them and all
// later ones again, and in the end to the queue for dead letters. An error makes
// it send the whole batch again.
type StreamHandler = func(context.Context, StreamEvent) (events.DynamoDBEventResponse, error)

// StreamEvent is a batch of changes, as Lambda and the AWS command line's
// get-records write it.
type StreamEvent struct {
	Records []StreamRecord `json:"Records"`
}

// StreamRecord is one change of an item.
type StreamRecord struct {
	Change struct {
		SequenceNumber string `json:"SequenceNumber"`
		// NewImage is the item after the change; empty if it was deleted.
		NewImage Image `json:"NewImage"`
	} `json:"dynamodb"`
}

// Image is an item of a table in DynamoDB's JSON.
type Image = json.RawMessage

var errNoRecords = errors.New("the event has no Records: it is not a batch of a table's stream")

// stream returns the handler of the named operation, which a table's stream
// invokes. handle gets the new items of a batch, in order and without deletions,
// and returns an error, or nil, for each.
func stream(api API, name string, handle func(context.Context, []Image) []error) StreamHandler {
	op, _ := operations.Find(name)
	return func(ctx context.Context, batch StreamEvent) (events.DynamoDBEventResponse, error) {
		began, answer := time.Now(), events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
		if batch.Records == nil {
			return answer, errNoRecords
		}
		var images []Image
		var numbers []string
		for _, record := range batch.Records {
			if len(record.Change.NewImage) > 0 {
				images, numbers = append(images, record.Change.NewImage), append(numbers, record.Change.SequenceNumber)
			}
		}
		failures, err := guard(func() ([]error, error) { return handle(ctx, images), nil })
		for i, failure := range failures {
			if failure != nil {
				answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: numbers[i]})
			}
		}
		api.recordBatch(ctx, op, len(images), time.Since(began), errors.Join(append(failures, err)...))
		return answer, err
	}
}

// recordBatch writes the one log line of a batch.
func (api API) recordBatch(ctx context.Context, op operations.Operation, changes int, took time.Duration, err error) {
	attrs := []slog.Attr{
		slog.String("operation", op.Name), slog.Int("changes", changes), slog.Float64("durationMs", float64(took.Microseconds())/1000),
	}
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelError
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	api.Log.LogAttrs(ctx, level, "batch", attrs...)
}
