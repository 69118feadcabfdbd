package roles

import (
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// dynamodbNeeds are those of a request to DynamoDB: of each item of a
// transaction, and of the tables' key, in the caller's name.
func (g *Guard) dynamodbNeeds(action string, body []byte) []need {
	type item struct{ TableName string }
	request := decode[struct {
		TableName, IndexName string
		TransactItems        []struct{ Put, Update, Delete, ConditionCheck *item }
	}](body)
	needs := []need{{operations.Decrypt, operations.TableKey, map[string]string{
		"kms:ViaService": "dynamodb." + g.config.Region + ".amazonaws.com",
	}}}
	add := func(action, table string) {
		needs = append(needs, need{action, g.config.Tables[table], nil})
	}
	switch action {
	case "TransactWriteItems":
		for _, i := range request.TransactItems {
			for action, written := range map[string]*item{
				operations.PutItem: i.Put, operations.UpdateItem: i.Update,
				operations.DeleteItem: i.Delete, operations.CheckItem: i.ConditionCheck,
			} {
				if written != nil {
					add(action, written.TableName)
				}
			}
		}
	case "Query":
		if request.IndexName == schema.Listing && g.config.Tables[request.TableName] == operations.Table {
			return append(needs, need{operations.Query, operations.Listing, nil})
		}
		add(operations.Query, request.TableName)
	default:
		add("dynamodb:"+action, request.TableName)
	}
	return needs
}

// kmsNeeds are those of a request to KMS. One that does not name its key needs
// what no role has.
func (g *Guard) kmsNeeds(action string, body []byte) []need {
	request := decode[struct {
		KeyID             string `json:"KeyId"`
		EncryptionContext map[string]string
	}](body)
	facts := map[string]string{}
	for name, value := range request.EncryptionContext {
		facts["kms:EncryptionContext:"+name] = value
	}
	return []need{{"kms:" + action, g.config.Keys[request.KeyID], facts}}
}
