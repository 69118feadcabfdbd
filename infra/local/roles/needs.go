package roles

import (
	"regexp"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// keys is an item, or its key, as far as it tells the partition.
type keys struct {
	Partition struct{ S string } `json:"pk"`
}

// dynamodbRequest is what of a request to DynamoDB, or of an operation of a
// transaction, tells its needs.
type dynamodbRequest struct {
	TableName, IndexName      string
	Key, Item                 keys
	KeyConditionExpression    string
	ExpressionAttributeValues map[string]struct{ S string }
}

// dynamodbNeeds are those of a request to DynamoDB: of each operation of a
// transaction, and of the tables' key, in the caller's name.
func (g *Guard) dynamodbNeeds(action string, body []byte) []iam.Request {
	request := decode[struct {
		dynamodbRequest
		TransactItems []struct{ Put, Update, Delete, ConditionCheck *dynamodbRequest }
	}](body)
	needs := []iam.Request{{Action: operations.Decrypt, Resource: string(operations.TableKey), Context: map[string][]string{
		"kms:ViaService": {"dynamodb." + g.config.Region + ".amazonaws.com"},
	}}}
	if action != "TransactWriteItems" {
		return append(needs, g.dynamodbNeed("dynamodb:"+action, request.dynamodbRequest))
	}
	for _, item := range request.TransactItems {
		for action, part := range map[string]*dynamodbRequest{
			operations.PutItem: item.Put, operations.UpdateItem: item.Update,
			operations.DeleteItem: item.Delete, operations.CheckItem: item.ConditionCheck,
		} {
			if part != nil {
				needs = append(needs, g.dynamodbNeed(action, *part))
			}
		}
	}
	return needs
}

// dynamodbNeed is that of one operation. The partition is known under the name
// that AWS has for it; one that cannot be told is not known.
func (g *Guard) dynamodbNeed(action string, request dynamodbRequest) iam.Request {
	resource := g.config.Tables[request.TableName]
	if request.IndexName == schema.Listing && resource == operations.Table {
		resource = operations.Listing
	} else if request.IndexName != "" {
		resource = "" // no other index is known
	}
	need := iam.Request{Action: action, Resource: string(resource)}
	if partition := request.partition(); partition != "" {
		need.Context = map[string][]string{operations.LeadingKeys: {partition}}
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

// kmsNeeds are those of a request to KMS. One that does not name its key needs
// what no role has.
func (g *Guard) kmsNeeds(action string, body []byte) []iam.Request {
	request := decode[struct {
		KeyID             string `json:"KeyId"`
		EncryptionContext map[string]string
	}](body)
	need := iam.Request{Action: "kms:" + action, Resource: string(g.config.Keys[request.KeyID]), Context: map[string][]string{}}
	for name, value := range request.EncryptionContext {
		need.Context["kms:EncryptionContext:"+name] = []string{value}
	}
	return []iam.Request{need}
}
