package dynamo

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

// Peppers implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Peppers(ctx context.Context) ([]apikey.Pepper, error) {
	var peppers []apikey.Pepper
	err := s.each(ctx, "read the peppers", partitionQuery(s.names.Table, pepperPartition), func(encoded item) error {
		pepper, err := decodeChecked(encoded, pepperAttributes)
		if err != nil {
			pepper = apikey.Pepper{Version: pepperVersion(encoded), Damage: err}
		}
		peppers = append(peppers, pepper)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return peppers, nil
}

// Unfinished implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Unfinished(ctx context.Context) (tasks []apikey.Task, damaged []apikey.Damage, err error) {
	err = s.each(ctx, "read the tasks", partitionQuery(s.names.Table, taskPartition), func(encoded item) error {
		task, err := decodeChecked(encoded, taskAttributes)
		if err != nil {
			damaged = append(damaged, apikey.Damage{Ref: apikey.Ref{Subject: apikey.SubjectTask}, Cause: err})
			return nil
		}
		tasks = append(tasks, task)
		return nil
	})
	return tasks, damaged, err
}

// Due implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Due(ctx context.Context, by time.Time, after apikey.Position, limit int) (apikey.Listed[apikey.Due, apikey.Position], error) {
	low := "0"
	if after != (apikey.Position{}) {
		low = listingPosition(after.CreatedOn, after.ID) + " "
	}
	return listing[apikey.Due, apikey.Position]{
		"list deleted keys that are due", dueAttributes,
		func(r *reader) apikey.Position { return r.position(schema.SortKey) },
		func(r *reader) apikey.Ref { return apikey.KeyRef(r.position(schema.SortKey).ID) },
	}.part(ctx, s, rangeQuery(s.names.Table, duePartition, low, max(low, positionAt(by.Add(time.Millisecond)))), limit)
}

// Organizations implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Organizations(ctx context.Context, after apikey.OrgID, limit int) (apikey.Listed[apikey.OrgID, apikey.OrgID], error) {
	entry := func(r *reader) apikey.OrgID { return r.org(schema.SortKey) }
	return listing[apikey.OrgID, apikey.OrgID]{
		"list the organizations",
		func(c *codec, id *apikey.OrgID) { *id = entry(&c.reader) },
		entry,
		func(r *reader) apikey.Ref { return apikey.OrganizationRef(entry(r)) },
	}.part(ctx, s, rangeQuery(s.names.Table, orgsPartition, string(after)+" ", "~"), limit)
}

// Policies implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Policies(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.Policy, uuid.UUID], error) {
	return listing[apikey.Policy, uuid.UUID]{
		"list policies", policyAttributes,
		func(r *reader) uuid.UUID { return r.sortID(policySort) },
		func(r *reader) apikey.Ref { return apikey.PolicyRef(org, r.sortID(policySort)) },
	}.part(ctx, s, s.ownedQuery(org, policySort, after.String()), limit)
}

// Users implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Users(ctx context.Context, org apikey.OrgID, after uuid.UUID, limit int) (apikey.Listed[apikey.User, uuid.UUID], error) {
	return listing[apikey.User, uuid.UUID]{
		"list users", userAttributes,
		func(r *reader) uuid.UUID { return r.sortID(userSort) },
		func(r *reader) apikey.Ref { return apikey.UserRef(org, r.sortID(userSort)) },
	}.part(ctx, s, s.ownedQuery(org, userSort, after.String()), limit)
}

// Services implements [apikey.Store] with a strongly consistent read.
func (s *Reader) Services(ctx context.Context, org apikey.OrgID, after string, limit int) (apikey.Listed[apikey.Service, string], error) {
	return listing[apikey.Service, string]{
		"list services", serviceAttributes,
		func(r *reader) string { return r.sortName(serviceSort) },
		func(r *reader) apikey.Ref { return apikey.ServiceRef(org, r.sortName(serviceSort)) },
	}.part(ctx, s, s.ownedQuery(org, serviceSort, after), limit)
}

// Keys implements [apikey.Store] with the index, which follows the table within
// about a second.
func (s *Reader) Keys(ctx context.Context, org apikey.OrgID, filter apikey.KeyFilter, after apikey.Position, limit int) (apikey.Listed[apikey.Key, apikey.Position], error) {
	input := &dynamodb.QueryInput{
		TableName:                 &s.names.Table,
		IndexName:                 aws.String(schema.Listing),
		KeyConditionExpression:    aws.String(schema.ListingPartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(orgPartition(org))},
	}
	if filter.Deleted {
		input.ExpressionAttributeValues[":p"] = text(deletedPartition(org))
	}
	if after != (apikey.Position{}) {
		input.KeyConditionExpression = aws.String(schema.ListingPartitionKey + " = :p AND " + schema.ListingSortKey + " > :after")
		input.ExpressionAttributeValues[":after"] = text(listingPosition(after.CreatedOn, after.ID))
	}
	wanted := map[string]string{
		"policy": filter.Policy.String(), "onBehalfOf": filter.OnBehalfOf.String(),
		"createdByID": filter.CreatedBy,
	}
	if filter.Personal {
		wanted["type"] = string(apikey.TypePersonal)
	}
	filterBy(input, wanted)
	filterByName(input, filter.Name)
	return listing[apikey.Key, apikey.Position]{
		"list keys", keyAttributes,
		func(r *reader) apikey.Position { return r.position(schema.ListingSortKey) },
		func(r *reader) apikey.Ref { return apikey.KeyRef(r.keyID()) },
	}.part(ctx, s, input, limit)
}

// AuditRecords implements [apikey.Store] with a strongly consistent read. It
// needs permission to query the audit table.
func (s *Reader) AuditRecords(ctx context.Context, org apikey.OrgID, filter apikey.AuditFilter, before apikey.Position, limit int) (part apikey.Listed[apikey.AuditRecord, apikey.Position], err error) {
	low, high := "0", "~"
	if !filter.From.IsZero() {
		low = positionAt(filter.From)
	}
	if !filter.To.IsZero() {
		high = positionAt(filter.To)
	}
	if before != (apikey.Position{}) {
		high = min(high, justBefore(listingPosition(before.CreatedOn, before.ID)))
	}
	if high < low {
		return part, nil
	}
	input := rangeQuery(s.names.Audit, orgPartition(org), low, high)
	input.ScanIndexForward = aws.Bool(false)
	filterBy(input, map[string]string{"target": filter.Target, "actorID": filter.Actor, "action": string(filter.Action), "key": filter.Key.String()})
	return listing[apikey.AuditRecord, apikey.Position]{
		"read the audit log", auditAttributes,
		func(r *reader) apikey.Position { return r.position(schema.SortKey) },
		func(r *reader) apikey.Ref { return apikey.AuditRef(org, r.auditID()) },
	}.part(ctx, s, input, limit)
}

// positionAt returns the first sort key of records of that time or later. For a
// time later than any record can have, it returns a sort key after all records.
func positionAt(at time.Time) string {
	if at = wholeMillisecond(at); at.UTC().Year() > 9999 {
		return "~"
	}
	return formatTime(at)
}

// wholeMillisecond rounds a time up to a millisecond, as records store it.
func wholeMillisecond(at time.Time) time.Time {
	return at.Add(time.Millisecond - time.Nanosecond).Truncate(time.Millisecond)
}

// justBefore returns a sort key that is after all earlier positions and before
// the given one.
func justBefore(position string) string {
	last := len(position) - 1
	return position[:last] + string(position[last]-1) + "~"
}

// partitionQuery returns a query of a whole partition.
func partitionQuery(table, partition string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName:                 &table,
		KeyConditionExpression:    aws.String(schema.PartitionKey + " = :p"),
		ExpressionAttributeValues: item{":p": text(partition)},
		ConsistentRead:            aws.Bool(true),
	}
}

// rangeQuery returns a query of sort keys from low to high.
func rangeQuery(table, partition, low, high string) *dynamodb.QueryInput {
	input := partitionQuery(table, partition)
	*input.KeyConditionExpression += " AND " + schema.SortKey + " BETWEEN :low AND :high"
	input.ExpressionAttributeValues[":low"], input.ExpressionAttributeValues[":high"] = text(low), text(high)
	return input
}

// ownedQuery returns a query of an organization's records of a kind, after one
// of them. It relies on the order of characters: ids contain none as low as a
// space, and '$' follows '#'.
func (s *Reader) ownedQuery(org apikey.OrgID, sort, after string) *dynamodb.QueryInput {
	return rangeQuery(s.names.Table, orgPartition(org), sort+after+" ", strings.TrimSuffix(sort, "#")+"$")
}

// filterBy makes DynamoDB leave out items whose attributes differ from wanted.
func filterBy(input *dynamodb.QueryInput, wanted map[string]string) {
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

// filterByName makes DynamoDB leave out keys whose name has another claim. Keys
// of the first version have a name but no claim.
func filterByName(input *dynamodb.QueryInput, claim string) {
	if claim == "" {
		return
	}
	filter := "(#claim = :claim OR attribute_not_exists(#claim) AND #name = :claim)"
	if input.FilterExpression != nil {
		filter = *input.FilterExpression + " AND " + filter
	}
	if input.ExpressionAttributeNames == nil {
		input.ExpressionAttributeNames = make(map[string]string)
	}
	input.FilterExpression = &filter
	maps.Copy(input.ExpressionAttributeNames, map[string]string{"#claim": "claim", "#name": "name"})
	input.ExpressionAttributeValues[":claim"] = text(claim)
}
