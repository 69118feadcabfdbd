package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

// listing says how to read the items of a listing.
type listing[T, P any] struct {
	doing      string
	attributes func(*codec, *T)
	// position reads an item's position in the listing from its keys. Keys are
	// all that DynamoDB returns of the last item it read.
	position func(*reader) P
	// ref names the record of an item, as far as its keys can be read.
	ref func(*reader) apikey.Ref
}

// part reads one part of a listing, normally with one query. DynamoDB reads at
// most 1 MB for a query, including what a filter leaves out. It queries again
// only if the position of the last item cannot be read, because a caller could
// not continue from there.
func (l listing[T, P]) part(ctx context.Context, s *Reader, input *dynamodb.QueryInput, limit int) (part apikey.Listed[T, P], err error) {
	if limit < apikey.NoLimit && input.FilterExpression == nil { // DynamoDB's limit counts what a filter leaves out
		input.Limit = aws.Int32(int32(limit) + 1) // one more shows whether others follow
	}
	for {
		output, err := s.query(ctx, l.doing, input)
		if err != nil {
			return apikey.Listed[T, P]{}, err
		}
		for _, encoded := range output.Items {
			if len(part.Records) == limit {
				return part, nil
			}
			l.add(&part, encoded)
		}
		if part.Next = nil; len(output.LastEvaluatedKey) == 0 {
			return part, nil
		}
		last := &reader{item: output.LastEvaluatedKey}
		if at := l.position(last); last.err == nil {
			part.Next = &at
			return part, nil
		}
		input.ExclusiveStartKey = output.LastEvaluatedKey
	}
}

// add adds an item to a part. The listing can continue after a readable record.
func (l listing[T, P]) add(part *apikey.Listed[T, P], encoded item) {
	keys := &reader{item: encoded}
	at := l.position(keys)
	record, err := decodeChecked(encoded, l.attributes)
	if err == nil {
		err = keys.err
	}
	if err != nil {
		part.Damaged = append(part.Damaged, apikey.Damage{Ref: l.ref(keys), Cause: err})
		return
	}
	part.Records, part.Next = append(part.Records, record), &at
}

// query runs one query, with retries.
func (s *Reader) query(ctx context.Context, doing string, input *dynamodb.QueryInput) (output *dynamodb.QueryOutput, err error) {
	err = readRetries.try(ctx, func(ctx context.Context) (err error) {
		output, err = s.client.Query(ctx, input, noSDKRetry)
		return err
	})
	if err != nil {
		return nil, failed(doing, err)
	}
	return output, nil
}

// each calls do for every item that a query finds, page by page.
func (s *Reader) each(ctx context.Context, doing string, input *dynamodb.QueryInput, do func(item) error) error {
	for {
		output, err := s.query(ctx, doing, input)
		if err != nil {
			return err
		}
		for _, encoded := range output.Items {
			if err := do(encoded); err != nil {
				return apikey.UnavailableError(doing, err)
			}
		}
		if input.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 {
			return nil
		}
	}
}

// position reads what [listingPosition] wrote. It accepts no other spelling,
// from which the listing would continue at another place. Nothing was created
// before 1970.
func (r *reader) position(attribute string) apikey.Position {
	text := r.text(attribute)
	on, id, _ := strings.Cut(text, "#")
	at, failed := time.Parse(timeLayout, on)
	parsed, err := uuid.Parse(id)
	if failed != nil || err != nil || at.Year() < 1970 || listingPosition(at, parsed) != text {
		r.fail(attribute, "is not a time and an id")
	}
	return apikey.Position{CreatedOn: at, ID: parsed}
}

// sortName reads the name in the sort key of a listed record.
func (r *reader) sortName(sort string) string {
	name, ok := strings.CutPrefix(r.text(schema.SortKey), sort)
	if !ok || !apikey.OrgID(name).Valid() {
		r.fail(schema.SortKey, "is of something else")
		return ""
	}
	return name
}
