package dynamo

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// The conditions. Names that DynamoDB reserves have a placeholder.
const (
	isNew   = "attribute_not_exists(" + schema.PartitionKey + ")"
	exists  = "attribute_exists(" + schema.PartitionKey + ")"
	isAsWas = "#version = :was"
)

var versionName = map[string]string{"#version": "version"}

// steps are the items of one write, in the order of the conditions that it
// documents.
func (s *Store) steps(write apikey.Write) []step {
	switch w := write.(type) {
	case apikey.CreateKey:
		return s.createKey(w.Key)
	case apikey.ReplaceKey:
		return s.replaceKey(w.Before, w.After)
	case apikey.DeleteKey:
		return s.deleteKey(w.Key)
	case apikey.RequireKey:
		return []step{{types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.names.Table, Key: keyKey(w.ID), ConditionExpression: aws.String(isAsWas),
			ExpressionAttributeNames: versionName, ExpressionAttributeValues: item{":was": number(w.Version)},
		}}, stale}}
	case apikey.CreateOrganization:
		return []step{s.add(orgItem(w.Organization), stale)}
	case apikey.ReplaceOrganization:
		return []step{s.replaceOrganization(w.Before, w.After)}
	case apikey.CreatePepper:
		return []step{s.add(pepperItem(w.Pepper), stale)}
	case apikey.PutService:
		return s.putService(w.Service)
	}
	panic(fmt.Sprintf("dynamo: %T is no write of this store", write))
}

func (s *Store) createKey(key apikey.Key) []step {
	count := s.count(key.Org, +1, "keyCount < maxKeys", func(org item) *apikey.Error {
		r := &reader{item: org}
		if limit := r.number("maxKeys", 0); r.err == nil {
			return apikey.QuotaError(int(limit))
		}
		return apikey.StaleError()
	})
	count.Update.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	steps := []step{s.add(keyItem(key), stale), count}
	if key.Name != "" {
		steps = append(steps, s.add(claimItem(key), taken))
	}
	return steps
}

func (s *Store) replaceKey(before, after apikey.Key) []step {
	steps := []step{{types.TransactWriteItem{Put: &types.Put{
		TableName: &s.names.Table, Item: keyItem(after), ConditionExpression: aws.String(isAsWas),
		ExpressionAttributeNames: versionName, ExpressionAttributeValues: item{":was": number(before.Version)},
	}}, stale}}
	if before.Name == after.Name {
		return steps
	}
	if after.Name != "" {
		steps = append(steps, s.add(claimItem(after), taken))
	}
	return append(steps, s.freeName(before)...)
}

func (s *Store) deleteKey(key apikey.Key) []step {
	steps := []step{
		{types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.names.Table, Key: keyKey(key.ID), ConditionExpression: aws.String(isAsWas),
			ExpressionAttributeNames: versionName, ExpressionAttributeValues: item{":was": number(key.Version)},
		}}, stale},
		s.count(key.Org, -1, exists, stale),
	}
	return append(steps, s.freeName(key)...)
}

// freeName gives up a key's claim. A claim that is missing does not stand in
// the way of a deletion; one that is another key's is never taken away.
func (s *Store) freeName(key apikey.Key) []step {
	if key.Name == "" {
		return nil
	}
	return []step{{types.TransactWriteItem{Delete: &types.Delete{
		TableName: &s.names.Table, Key: claimKey(key), ConditionExpression: aws.String(isNew + " OR #key = :key"),
		ExpressionAttributeNames:  map[string]string{"#key": "key"},
		ExpressionAttributeValues: item{":key": text(key.ID.String())},
	}}, stale}}
}

// count moves an organization's count of keys.
func (s *Store) count(org apikey.OrgID, by int, condition string, broken func(item) *apikey.Error) step {
	return step{types.TransactWriteItem{Update: &types.Update{
		TableName: &s.names.Table, Key: orgKey(org), ConditionExpression: &condition,
		UpdateExpression:          aws.String("SET keyCount = keyCount + :by"),
		ExpressionAttributeValues: item{":by": number(by)},
	}}, broken}
}

// replaceOrganization names what it sets, since keyCount moves on its own.
func (s *Store) replaceOrganization(before, after apikey.Organization) step {
	return step{types.TransactWriteItem{Update: &types.Update{
		TableName: &s.names.Table, Key: orgKey(before.ID), ConditionExpression: aws.String(isAsWas),
		UpdateExpression:         aws.String("SET #name = :name, keyPrefix = :keyPrefix, maxKeys = :maxKeys, declared = :declared, createdOn = :createdOn, #version = :version"),
		ExpressionAttributeNames: map[string]string{"#name": "name", "#version": "version"},
		ExpressionAttributeValues: item{
			":was": number(before.Version), ":name": text(after.Name), ":keyPrefix": text(after.KeyPrefix),
			":maxKeys": number(after.MaxKeys), ":declared": encodeDeclared(after.Declared),
			":createdOn": moment(after.CreatedOn), ":version": number(after.Version),
		},
	}}, stale}
}

func (s *Store) putService(service apikey.Service) []step {
	var steps []step
	seen := make(map[apikey.API]bool)
	for _, api := range service.APIs {
		if !seen[api] {
			seen[api] = true
			steps = append(steps, step{types.TransactWriteItem{Put: &types.Put{
				TableName: &s.names.Table, Item: serviceItem(api, service),
			}}, stale})
		}
	}
	return steps
}

// add puts an item where there is none.
func (s *Store) add(encoded item, broken func(item) *apikey.Error) step {
	return step{types.TransactWriteItem{Put: &types.Put{
		TableName: &s.names.Table, Item: encoded, ConditionExpression: aws.String(isNew),
	}}, broken}
}

func stale(item) *apikey.Error { return apikey.StaleError() }

func taken(item) *apikey.Error { return apikey.NameError() }
