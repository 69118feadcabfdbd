package roles

import (
	"regexp"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// keys is an item or its key, limited to what identifies the partition.
type keys struct {
	Partition struct{ S string } `json:"pk"`
}

// dynamodbRequest is the part of a DynamoDB request, or of an operation in a
// transaction, that determines its needs.
type dynamodbRequest struct {
	TableName, IndexName      string
	Key, Item                 keys
	KeyConditionExpression    string
	ExpressionAttributeValues map[string]struct{ S string }
}

// dynamodbNeeds returns the needs of a DynamoDB request: those of each operation
// of a transaction, of each table of a batch, and of the tables' KMS key, which
// DynamoDB uses on behalf of the caller. An empty transaction or batch has none.
func (g *Guard) dynamodbNeeds(action string, body []byte) []iam.Request {
	request := decode[struct {
		dynamodbRequest
		RequestItems  map[string]struct{ Keys []keys }
		TransactItems []struct{ Put, Update, Delete, ConditionCheck *dynamodbRequest }
	}](body)
	var needs []iam.Request
	switch action = "dynamodb:" + action; action {
	case operations.BatchGetItem:
		for table, reads := range request.RequestItems {
			needs = append(needs, g.batchNeed(table, reads.Keys))
		}
	case "dynamodb:TransactWriteItems":
		for _, item := range request.TransactItems {
			for action, part := range map[string]*dynamodbRequest{
				operations.PutItem: item.Put, operations.UpdateItem: item.Update,
				operations.DeleteItem: item.Delete, operations.CheckItem: item.ConditionCheck,
			} {
				if part != nil {
					need := g.dynamodbNeed(action, *part)
					need.Context[operations.EnclosingOperation] = []string{operations.TransactWriteItems}
					needs = append(needs, need)
				}
			}
		}
	default:
		needs = append(needs, g.dynamodbNeed(action, request.dynamodbRequest))
	}
	if len(needs) == 0 {
		return nil
	}
	region := g.config.Region
	if needs[0].Resource == string(operations.Replicas) {
		region = g.config.Other
	}
	return append(needs, tableKeyNeed(region))
}

// streamed finds the table in the ARN of a stream, or in an iterator, which
// contains it.
var streamed = regexp.MustCompile(`table/([^/]+)/stream/`)

// streamNeeds returns the needs of a request to a table's stream.
func (g *Guard) streamNeeds(action string, body []byte) []iam.Request {
	request := decode[struct{ TableName, StreamArn, ShardIterator string }](body)
	if found := streamed.FindStringSubmatch(request.StreamArn + request.ShardIterator); found != nil {
		request.TableName = found[1]
	}
	need := iam.Request{Action: "dynamodb:" + action, Context: map[string][]string{}}
	if table := g.config.Tables[request.TableName]; table != "" {
		need.Resource = string(operations.StreamOf(table))
	}
	return []iam.Request{need, tableKeyNeed(g.config.Region)}
}

// tableKeyNeed returns the need of DynamoDB's use of the tables' key in a region.
func tableKeyNeed(region string) iam.Request {
	return iam.Request{Action: operations.Decrypt, Resource: string(operations.TableKey), Context: map[string][]string{
		operations.ViaService: {"dynamodb." + region + ".amazonaws.com"},
	}}
}

// eventNeeds returns the needs of a request to EventBridge: one for each entry.
func (g *Guard) eventNeeds(action string, body []byte) (needs []iam.Request) {
	request := decode[struct {
		Entries []struct{ EventBusName string }
	}](body)
	for _, entry := range request.Entries {
		need := iam.Request{Action: "events:" + action, Context: map[string][]string{}}
		if entry.EventBusName == g.config.Bus {
			need.Resource = string(operations.EventBus)
		}
		needs = append(needs, need)
	}
	return needs
}

// dynamodbNeed returns the need of one operation. It names the partition as AWS
// does, or leaves it out if it is unknown.
func (g *Guard) dynamodbNeed(action string, request dynamodbRequest) iam.Request {
	resource := g.config.Tables[request.TableName]
	switch {
	case request.IndexName == "":
	case request.IndexName == schema.Listing && resource == operations.Table:
		resource = operations.Listing
	case request.IndexName == schema.Used && resource == operations.UsageTable:
		resource = operations.UsageIndex
	default:
		resource = "" // there is no other index
	}
	need := iam.Request{Action: action, Resource: string(resource), Context: map[string][]string{}}
	if partition := request.partition(); partition != "" {
		need.Context[operations.LeadingKeys] = []string{partition}
	}
	return need
}

// pooled returns a transaction's needs as IAM might combine them: the partition
// keys of all operations of one action and table, and those of all operations of
// one action across tables. AWS does not document whether it uses one of these
// or checks each operation by itself, so a role must meet all three.
func pooled(needs []iam.Request) []iam.Request {
	type target struct{ action, resource string }
	keys := map[target][]string{} // without a resource: of all tables
	for _, need := range needs {
		if need.Context[operations.EnclosingOperation] != nil {
			for _, to := range []target{{need.Action, need.Resource}, {need.Action, ""}} {
				keys[to] = append(keys[to], need.Context[operations.LeadingKeys]...)
			}
		}
	}
	var all []iam.Request
	for to, own := range keys {
		if to.resource == "" {
			continue
		}
		for _, partitions := range [][]string{own, keys[target{to.action, ""}]} {
			all = append(all, iam.Request{Action: to.action, Resource: to.resource, Context: map[string][]string{
				operations.LeadingKeys: partitions, operations.EnclosingOperation: {operations.TransactWriteItems},
			}})
		}
	}
	return all
}

// batchNeed returns the need of a batch's reads of one table. IAM is asked once,
// with the partition keys of all of them.
func (g *Guard) batchNeed(table string, reads []keys) iam.Request {
	need := iam.Request{Action: operations.BatchGetItem, Resource: string(g.config.Tables[table])}
	for _, key := range reads {
		need.Context = map[string][]string{operations.LeadingKeys: append(need.Context[operations.LeadingKeys], key.Partition.S)}
	}
	return need
}

// queried finds the placeholder of the partition in a query's condition.
var queried = regexp.MustCompile(`^(?:` + schema.PartitionKey + `|` + schema.ListingPartitionKey + `) = (:\w+)(?: AND .*)?$`)

func (r dynamodbRequest) partition() string {
	if found := queried.FindStringSubmatch(r.KeyConditionExpression); found != nil {
		return r.ExpressionAttributeValues[found[1]].S
	}
	return r.Key.Partition.S + r.Item.Partition.S // a request has one of them
}

// kmsNeeds returns the needs of a KMS request. A request without a key needs
// something that no role has.
func (g *Guard) kmsNeeds(action string, body []byte) []iam.Request {
	request := decode[struct {
		KeyID             string `json:"KeyId"`
		EncryptionContext map[string]string
	}](body)
	need := iam.Request{Action: "kms:" + action, Resource: string(g.config.Keys[request.KeyID]), Context: map[string][]string{}}
	for name, value := range request.EncryptionContext {
		need.Context[operations.ContextKey+name] = []string{value}
		need.Context[operations.ContextKeys] = append(need.Context[operations.ContextKeys], name)
	}
	return []iam.Request{need}
}
