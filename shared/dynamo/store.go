// Package dynamo stores organizations and everything they own in DynamoDB.
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
//	outcome       ORG#<org>          IDEMPOTENT#<caller>#<SHA-256 of the Idempotency-Key>
//	service's API API#<account>#<id> SERVICE        the whole service again
//	pepper        PEPPER             <version, 10 digits>
//	task          PENDING            <org>#<kind>#<target>
//	deleted key   PURGE              <time>#<id>    when to remove it
//
// A key has a partition of its own, so it is found by its id with one read. So
// is the copy of a service that the authorizer reads by an API. The index
// "listing" holds only keys, by organization and time of creation; deleted ones
// in partitions of their own, ORG#<org>#DELETED. The audit table's items have the
// keys ORG#<org> and <time>#<id>; they are only ever added. Those of the secrets
// table have the keys KEY#<id> and KEY.
//
// Every change is one transaction: its writes, its conditions and its audit
// records. DynamoDB allows one operation on each item of a transaction, so
// everything that a change does to an item becomes one operation. Adjustments of
// a count are added up, and join a write or a condition on the same owner. If a
// transaction is cancelled, DynamoDB gives the reason for each item, and the old
// item if it had several conditions. The first condition that failed, in the
// order of the change, gives the error.
//
// # Lost answers
//
// A change whose answer was lost is sent again, up to a limit, and is still
// applied once. The id of the first audit record is the transaction's client
// request token, by which DynamoDB recognizes a repetition for ten minutes. After
// that, the audit record's condition that it is new does the same: if it fails,
// the change was applied before. That is success, whatever the other conditions
// say.
//
// # What is written
//
// The store decodes every item before it writes it, and refuses the change
// ([apikey.Permanent]) if the values differ: nothing is stored that cannot be
// read. It also counts the bytes of all items like DynamoDB, and refuses a change
// of more than 100 items or 4 MB before sending it. The rules stay below that
// with their limits on records. Larger work takes several transactions. The keys
// of a policy are deleted in pages, after its tombstone has stopped them all. The
// holders of a withdrawn permission are changed one by one, after it has left the
// catalogue.
//
// # Damaged records
//
// A record that cannot be read fails only the requests that need it. It can be
// deleted with what can still be read of it. If that does not name all owners of
// a key, the count of the missing one stays one too high. A policy's tombstone is
// removed anyway. An organization or a user has room for one key less until
// somebody corrects keyCount in the table. A name that cannot be read stays
// taken. Counts never fall below zero.
//
// # Records of earlier versions
//
// Keys, organizations and services of the first version lack a whole group of
// attributes that came later: keys their type, organizations their owners,
// services their permissions. They are read with the meaning they had then. A
// record that lacks only part of such a group is damaged. An attribute that was
// added alone can be missing alone, such as an organization's accounts. An
// organization without a status item has the status in its own record, where
// every change of a status is repeated for earlier versions to read.
//
// # Records of newer versions
//
// Every item names the format that its readers must know. An item with a newer
// format than this version knows is refused like a damaged one, because it may
// forbid what this version would allow. Lists leave both out and report them separately.
// Attributes that a newer version adds without a new format are ignored, and are
// lost if this version replaces the record.
package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/shared/apikey"
)

// ReadAPI is the part of [dynamodb.Client] that reading uses.
type ReadAPI interface {
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
}

// API is the part of [dynamodb.Client] that the store uses.
type API interface {
	ReadAPI
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

// Names are the names of the tables. A function needs only those that it uses:
// the audit table for changes and for reading the log, the secrets table for
// creating, revealing and deleting recoverable keys, the usage table for the uses
// of keys.
type Names struct{ Table, Audit, Secrets, Usage string }

// Reader is the reading part of a [Store]. A program that only reads does not
// link DynamoDB's transactions. It is safe for concurrent use.
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

// NewReader returns the reading part of a store, which uses client like [New].
func NewReader(client ReadAPI, names Names) *Reader { return &Reader{client, names} }

// New returns a store over client. The store retries failed calls itself,
// within its own deadlines, and turns the client's retries off. The client only
// needs an endpoint, credentials and a connection pool.
func New(client API, names Names) *Store { return &Store{Reader{client, names}, client} }
