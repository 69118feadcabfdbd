// Package dynamo keeps organizations and keys in DynamoDB.
//
// One table holds everything but the audit log:
//
//	thing         pk                 sk
//	key           KEY#<id>           KEY
//	organization  ORG#<id>           ORG
//	name claim    ORG#<id>           NAME#<name>
//	pepper        PEPPER             <version, 10 digits>
//	service       API#<account>#<id> SERVICE      one item for each API
//
// A key stands alone in its partition, found by its id with one read. The index
// "listing" holds keys alone, by organization and time of creation. The audit
// table's items are ORG#<id> and <time>#<id>; they are only ever added.
//
// Every change is one transaction of at most a few items: the change, its
// conditions and its audit record. Its writes must touch different items, as
// the rules' do. DynamoDB says of each item why a transaction was cancelled,
// and the first in the order of the change is the answer.
//
// # Lost answers
//
// A change whose answer was lost is sent again, up to a bound, and is still
// applied once. The audit record's id is the transaction's client request
// token, by which DynamoDB knows a repetition for ten minutes. After that the
// audit record itself, added on the condition that it is new, tells: where that
// condition fails, the change was applied before, and that is success, whatever
// the other conditions say.
package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
)

// API is what the store uses of [dynamodb.Client].
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Names are the names of the tables. A function that writes nothing can do
// without the audit table's.
type Names struct{ Table, Audit string }

// Store is an [apikey.Store] in DynamoDB. It is safe for concurrent use.
type Store struct {
	client API
	names  Names
}

var _ apikey.Store = (*Store)(nil)

// New makes a store over client. The store tries failed calls again by itself,
// within its own deadlines, and switches the client's retries off; of the
// client it wants only an endpoint, credentials and a connection pool.
func New(client API, names Names) *Store { return &Store{client: client, names: names} }
