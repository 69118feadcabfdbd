package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

// Peppers implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Peppers(ctx context.Context) ([]apikey.Pepper, error) {
	return query(ctx, s, "read the peppers", whole(s.names.Table, pepperPartition), 0, decodePepper)
}

// Unfinished implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Unfinished(ctx context.Context) ([]apikey.Task, error) {
	return query(ctx, s, "read the tasks", whole(s.names.Table, taskPartition), 0, decodeTask)
}

// Policies implements [apikey.Store] with strongly consistent reads.
func (s *Reader) Policies(ctx context.Context, org apikey.OrgID, after keytext.ID, limit int) (policies []apikey.Policy, more bool, err error) {
	return page(ctx, s, "list policies", s.owned(org, policySort, after.String()), limit, decodePolicy)
}

// Users implements [apikey.Store] with strongly consistent reads.
func (s *Reader) Users(ctx context.Context, org apikey.OrgID, after keytext.ID, limit int) (users []apikey.User, more bool, err error) {
	return page(ctx, s, "list users", s.owned(org, userSort, after.String()), limit, decodeUser)
}

// Services implements [apikey.Store] with strongly consistent reads.
func (s *Reader) Services(ctx context.Context, org apikey.OrgID, after string, limit int) (services []apikey.Service, more bool, err error) {
	return page(ctx, s, "list services", s.owned(org, serviceSort, after), limit, decodeService)
}

// Keys implements [apikey.Store] by the index, which follows the table within
// about a second.
func (s *Reader) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (keys []apikey.Key, more bool, err error) {
	input := &dynamodb.QueryInput{
		TableName:                 &s.names.Table,
		IndexName:                 aws.String(schema.Listing),
		KeyConditionExpression:    aws.String(schema.ListingPartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(orgPartition(org))},
	}
	if after != (apikey.Position{}) {
		input.KeyConditionExpression = aws.String(schema.ListingPartitionKey + " = :p AND " + schema.ListingSortKey + " > :after")
		input.ExpressionAttributeValues[":after"] = text(listingPosition(after.CreatedOn, after.ID))
	}
	sift(input, map[string]string{
		"policy": filter.Policy.String(), "onBehalfOf": filter.OnBehalfOf.String(),
		"createdByID": filter.CreatedBy, "name": filter.Name,
	})
	return page(ctx, s, "list keys", input, limit, decodeKey)
}

// AuditRecords implements [apikey.Store] with strongly consistent reads. It
// needs the right to query the audit table.
func (s *Reader) AuditRecords(ctx context.Context, org apikey.OrgID, filter apikey.AuditFilter, before apikey.Position, limit int) (records []apikey.AuditRecord, more bool, err error) {
	low, high := "0", "~"
	if !filter.From.IsZero() {
		low = formatTime(wholeMillisecond(filter.From))
	}
	if !filter.To.IsZero() {
		high = formatTime(wholeMillisecond(filter.To))
	}
	if before != (apikey.Position{}) {
		high = min(high, below(listingPosition(before.CreatedOn, before.ID)))
	}
	if high < low {
		return nil, false, nil
	}
	input := between(s.names.Audit, orgPartition(org), low, high)
	input.ScanIndexForward = aws.Bool(false)
	sift(input, map[string]string{"target": filter.Target, "actorID": filter.Actor, "action": string(filter.Action), "key": filter.Key.String()})
	return page(ctx, s, "read the audit log", input, limit, decodeAudit)
}

// wholeMillisecond is the first millisecond that is not before the time:
// records have no others.
func wholeMillisecond(at time.Time) time.Time {
	return at.Add(time.Millisecond - time.Nanosecond).Truncate(time.Millisecond)
}

// below sorts after all positions that are before the given one, and before it.
func below(position string) string {
	last := len(position) - 1
	return position[:last] + string(position[last]-1) + "~"
}

// whole is a query of all of a partition.
func whole(table, partition string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &table,
		KeyConditionExpression:    aws.String(schema.PartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(partition)},
		ConsistentRead:            aws.Bool(true),
	}
}

// between is a query of sort keys from low to high.
func between(table, partition, low, high string) *dynamodb.QueryInput {
	input := whole(table, partition)
	*input.KeyConditionExpression += " AND " + schema.SortKey + " BETWEEN :low AND :high"
	input.ExpressionAttributeValues[":low"], input.ExpressionAttributeValues[":high"] = text(low), text(high)
	return input
}

// owned is a query of an organization's things of a sort, those after one. Ids
// have no character as low as a space, and '$' follows '#'.
func (s *Reader) owned(org apikey.OrgID, sort, after string) *dynamodb.QueryInput {
	return between(s.names.Table, orgPartition(org), sort+after+" ", strings.TrimSuffix(sort, "#")+"$")
}

// sift has DynamoDB leave out the items whose attributes are not as wanted.
func sift(input *dynamodb.QueryInput, wanted map[string]string) {
	var parts []string
	for attribute, value := range wanted {
		if value == "" {
			continue
		}
		if input.ExpressionAttributeNames == nil {
			input.ExpressionAttributeNames = make(map[string]string)
		}
		input.ExpressionAttributeNames["#"+attribute] = attribute
		input.ExpressionAttributeValues[":"+attribute] = text(value)
		parts = append(parts, "#"+attribute+" = :"+attribute)
	}
	if parts != nil {
		input.FilterExpression = aws.String(strings.Join(parts, " AND "))
	}
}

// page reads one page, and one thing more to see whether others follow.
func page[T any](ctx context.Context, s *Reader, doing string, input *dynamodb.QueryInput, limit int, decode func(item) (T, error)) ([]T, bool, error) {
	values, err := query(ctx, s, doing, input, limit+1, decode)
	if err != nil {
		return nil, false, err
	}
	if len(values) > limit {
		return values[:limit:limit], true, nil
	}
	return values, false, nil
}

// query reads on until it has want items, or all of them where want is 0. Where
// items are left out, DynamoDB's own limit would count those too.
func query[T any](ctx context.Context, s *Reader, doing string, input *dynamodb.QueryInput, want int, decode func(item) (T, error)) ([]T, error) {
	var values []T
	for {
		if want > 0 && input.FilterExpression == nil {
			input.Limit = aws.Int32(int32(want - len(values)))
		}
		var output *dynamodb.QueryOutput
		err := reading.try(ctx, func(ctx context.Context) (err error) {
			output, err = s.client.Query(ctx, input, singly)
			return err
		})
		if err != nil {
			return nil, apikey.Failed(doing, err)
		}
		for _, encoded := range output.Items {
			value, err := decoded(encoded, decode)
			if err != nil {
				return nil, apikey.Failed(doing, err)
			}
			values = append(values, value)
		}
		if len(output.LastEvaluatedKey) == 0 || want > 0 && len(values) >= want {
			return values, nil
		}
		input.ExclusiveStartKey = output.LastEvaluatedKey
	}
}
