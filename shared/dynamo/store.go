// Package dynamo keeps organizations and all that they own in DynamoDB.
//
// The main table holds everything but the audit log and the encrypted copies of
// recoverable keys:
//
//	thing         pk                 sk
//	key           KEY#<id>           KEY
//	organization  ORG#<org>          ORG
//	its status    ORG#<org>          STATUS
//	policy        ORG#<org>          POLICY#<id>
//	user          ORG#<org>          USER#<id>
//	service       ORG#<org>          SERVICE#<id>
//	key's name    ORG#<org>          NAME#<claim>
//	policy's name ORG#<org>          POLICY-NAME#<claim>
//	user's e-mail ORG#<org>          EMAIL#<claim>
//	service's API API#<account>#<id> SERVICE        the whole service again
//	pepper        PEPPER             <version, 10 digits>
//	task          PENDING            <org>#<kind>#<target>
//
// A key stands alone in its partition, found by its id with one read, and so
// does the copy of a service that the authorizer reads by an API. The index
// "listing" holds keys alone, by organization and time of creation. The audit
// table's items are ORG#<org> and <time>#<id>; they are only ever added. The
// secrets table's are KEY#<id> and KEY.
//
// Every change is one transaction: the change, its conditions and its audit
// records. DynamoDB takes no two operations on one item, so all that a change
// does to an item and asks of it becomes one: moves of a count are added up,
// and join a write or a requirement of the same owner. DynamoDB says of each
// item why a transaction was cancelled, and where several conditions were on an
// item also how it was; the first condition that failed, in the order of the
// change, is the answer.
//
// # Lost answers
//
// A change whose answer was lost is sent again, up to a bound, and is still
// applied once. The id of the first audit record is the transaction's client
// request token, by which DynamoDB knows a repetition for ten minutes. After
// that the audit record itself, added on the condition that it is new, tells:
// where that condition fails, the change was applied before, and that is
// success, whatever the other conditions say.
//
// # What is written
//
// The store reads back every item that it is about to write, and gives the change
// up for good where it does not find the very same values: nothing is stored that
// cannot be read. It also counts the bytes of all items as DynamoDB does. A change
// of more than 100 items or 4 MB is given up before it is sent. The rules keep
// below that by the limits of their records; what is more for one transaction is
// several: the keys of a policy are deleted in pages, once its tombstone has
// stopped them all, and the holders of a permission that is withdrawn are changed
// one by one, once the catalogue has lost it.
//
// # Damaged records
//
// A record that cannot be read fails whoever asks for it, and nobody else. It can
// be deleted by what can still be read of it. A count that it does not name any
// more stays one too high: a policy is buried all the same, an organization or a
// user has room for one key less until somebody corrects keyCount in the table. A
// name that it does not tell any more stays taken. Counts never fall below zero.
//
// # Records of earlier versions
//
// Keys, organizations and services that were stored before they had a type,
// owners and permissions of their own lack all of the attributes that came with
// those, and are read with what they meant then. A record that lacks only some
// is damaged. An attribute that came alone may be missing alone, such as an
// organization's accounts. An organization without a status has the one that is
// in its own record, where every change of a status is repeated for earlier
// versions to read.
//
// # Records of newer versions
//
// Every item says which format its readers must know. One of a newer format than
// this version knows is refused like a damaged one: it may forbid what this
// version would allow. Lists leave both out and name them apart. What a newer
// version adds without a newer format is passed over, and lost where this
// version puts a whole new record in its place.
package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
)

// ReadAPI is what reading takes of [dynamodb.Client].
type ReadAPI interface {
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// API is what the store uses of [dynamodb.Client].
type API interface {
	ReadAPI
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Names are the names of the tables. A function can do without those that it
// does not use: the audit table is for writes and the reading of the log, the
// table of secrets for creating, revealing and deleting recoverable keys.
type Names struct{ Table, Audit, Secrets string }

// Reader is the part of a [Store] that changes nothing. Who only reads links
// nothing of DynamoDB's transactions. It is safe for concurrent use.
type Reader struct {
	client ReadAPI
	names  Names
}

// Store is an [apikey.Store] in DynamoDB. It is safe for concurrent use.
type Store struct {
	Reader
	writes API
}

var _ apikey.Store = (*Store)(nil)

// NewReader makes the reading part of a store, which treats client as one does.
func NewReader(client ReadAPI, names Names) *Reader { return &Reader{client, names} }

// New makes a store over client. The store tries failed calls again by itself,
// within its own deadlines, and switches the client's retries off; of the
// client it wants only an endpoint, credentials and a connection pool.
func New(client API, names Names) *Store { return &Store{Reader{client, names}, client} }
