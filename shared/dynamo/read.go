package dynamo

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// maxBatch is how many items DynamoDB reads in one batch.
const maxBatch = 100

// Read implements [apikey.Store] with strongly consistent batches of 100
// records, all at the same time. A status that an earlier version stored in the
// organization's record needs a second batch, unless the organization is requested
// too.
func (s *Reader) Read(ctx context.Context, refs ...apikey.Ref) (apikey.Found, error) {
	items, err := s.items(ctx, refs)
	if err != nil {
		return nil, err
	}
	var unwritten []apikey.Ref
	for _, ref := range refs {
		org := apikey.OrganizationRef(ref.Org)
		if ref.Subject == apikey.SubjectStatus && items[ref] == nil && !slices.Contains(refs, org) {
			unwritten = append(unwritten, org)
		}
	}
	if len(unwritten) > 0 {
		more, err := s.items(ctx, unwritten)
		if err != nil {
			return nil, err
		}
		maps.Copy(items, more)
	}
	found := make(apikey.Found, len(refs))
	for _, ref := range refs {
		found[ref] = finding(ref, items)
	}
	return found, nil
}

// finding decodes what was read for a ref.
func finding(ref apikey.Ref, items map[apikey.Ref]item) apikey.Finding {
	encoded, decode, subject := items[ref], decoders[ref.Subject], ref.Subject
	if encoded == nil && subject == apikey.SubjectStatus {
		encoded, decode, subject = items[apikey.OrganizationRef(ref.Org)], decoding(repeatedStatusAttributes), apikey.SubjectOrganization
	}
	if encoded == nil {
		return apikey.Finding{Err: apikey.NoSuch(subject)}
	}
	record, err := decode(encoded)
	if err == nil {
		return apikey.Finding{Record: record}
	}
	if errors.Is(err, errFormat) {
		record = nil
	}
	return apikey.Finding{Damaged: record, Err: apikey.UnavailableError("read a record: "+string(ref.Subject), err)}
}

// decoders decode the items of each subject.
var decoders = map[apikey.Subject]func(item) (any, error){
	apikey.SubjectKey:          decoding(keyAttributes),
	apikey.SubjectOrganization: decoding(orgAttributes),
	apikey.SubjectStatus:       decoding(statusAttributes),
	apikey.SubjectPolicy:       decoding(policyAttributes),
	apikey.SubjectUser:         decoding(userAttributes),
	apikey.SubjectService:      decoding(serviceAttributes),
	apikey.SubjectLastUse:      decoding(lastUseAttributes),
	apikey.SubjectOutcome:      decoding(outcomeAttributes),
	apikey.SubjectNoticeRound:  decoding(noticeRoundAttributes),
}

func decoding[T any](attributes func(*codec, *T)) func(item) (any, error) {
	return func(encoded item) (any, error) { return decodeChecked(encoded, attributes) }
}

// items reads the items of the refs, as far as they exist. It reads both tables
// at the same time.
func (s *Reader) items(ctx context.Context, refs []apikey.Ref) (map[apikey.Ref]item, error) {
	named := make(map[itemKey]apikey.Ref, len(refs))
	var keys, uses []item
	for _, ref := range refs {
		at := s.names.recordKey(ref)
		switch _, twice := named[at]; {
		case twice:
			continue
		case at.table == s.names.Usage:
			uses = append(uses, at.key())
		default:
			keys = append(keys, at.key())
		}
		named[at] = ref
	}
	items := make(map[apikey.Ref]item, len(refs))
	if uses == nil {
		return items, s.itemsOf(ctx, s.names.Table, keys, named, items)
	}
	used := make(map[apikey.Ref]item, len(uses))
	done := make(chan error, 1)
	go func() { done <- s.itemsOf(ctx, s.names.Usage, uses, named, used) }()
	err := s.itemsOf(ctx, s.names.Table, keys, named, items)
	err = cmp.Or(err, <-done)
	maps.Copy(items, used)
	return items, err
}

// itemsOf reads items of one table, and adds those that exist to items. Nobody
// waits for one batch after the other: it reads all of them at the same time.
func (s *Reader) itemsOf(ctx context.Context, table string, keys []item, named map[itemKey]apikey.Ref, items map[apikey.Ref]item) error {
	if len(keys) <= maxBatch {
		return s.itemsOfBatch(ctx, table, keys, func(encoded item) { items[named[keyOf(table, encoded)]] = encoded })
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	failures := make([]error, (len(keys)+maxBatch-1)/maxBatch)
	for n := range failures {
		all.Go(func() {
			batch := keys[n*maxBatch : min(len(keys), (n+1)*maxBatch)]
			failures[n] = s.itemsOfBatch(ctx, table, batch, func(encoded item) {
				mu.Lock()
				defer mu.Unlock()
				items[named[keyOf(table, encoded)]] = encoded
			})
		})
	}
	all.Wait()
	return cmp.Or(failures...)
}

// itemsOfBatch reads as many items of one table as a batch may have, and passes
// on those that exist.
func (s *Reader) itemsOfBatch(ctx context.Context, table string, pending []item, found func(item)) error {
	for len(pending) > 0 {
		output, err := s.batch(ctx, table, types.KeysAndAttributes{Keys: pending, ConsistentRead: aws.Bool(true)})
		if err != nil {
			return failed("read records", err)
		}
		for _, encoded := range output.Responses[table] {
			found(encoded)
		}
		pending = output.UnprocessedKeys[table].Keys
	}
	return nil
}

var errUnprocessed = errors.New("DynamoDB read none of the records")

// batch reads as many of the keys as DynamoDB reads at once, which is at least
// one.
func (s *Reader) batch(ctx context.Context, table string, asked types.KeysAndAttributes) (output *dynamodb.BatchGetItemOutput, err error) {
	input := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: asked}}
	err = readRetries.try(ctx, func(ctx context.Context) (err error) {
		output, err = s.client.BatchGetItem(ctx, input, noSDKRetry)
		if err == nil && len(output.UnprocessedKeys[table].Keys) >= len(asked.Keys) {
			err = errUnprocessed
		}
		return err
	})
	return output, err
}

// UserByClaim implements [apikey.Store] with two strongly consistent reads. A
// user who gives up the address between them is not found.
func (s *Reader) UserByClaim(ctx context.Context, org apikey.OrgID, claim string) (apikey.User, error) {
	at := s.names.email(org, claim)
	if claim == "" || len(at.sort) > maxSortKeyBytes { // a token can name anybody
		return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
	}
	id, err := get(ctx, s, apikey.SubjectUser, at, claimAttributes)
	if err != nil {
		return apikey.User{}, err
	}
	found, err := s.Read(ctx, apikey.UserRef(org, id))
	if err != nil {
		return apikey.User{}, err
	}
	user, err := found.User(org, id)
	if err == nil && user.Claim != claim {
		return apikey.User{}, apikey.NoSuch(apikey.SubjectUser)
	}
	return user, err
}

// Sealed implements [apikey.Store] with one strongly consistent read of the
// secrets table.
func (s *Reader) Sealed(ctx context.Context, id uuid.UUID) ([]byte, error) {
	return get(ctx, s, apikey.SubjectKey, s.names.sealed(id), sealedAttributes)
}

// get reads one item that belongs to a record.
func get[T any](ctx context.Context, s *Reader, subject apikey.Subject, at itemKey, attributes func(*codec, *T)) (T, error) {
	const doing = "read what belongs to a record"
	var none T
	input := &dynamodb.GetItemInput{TableName: &at.table, Key: at.key(), ConsistentRead: aws.Bool(true)}
	var output *dynamodb.GetItemOutput
	err := readRetries.try(ctx, func(ctx context.Context) (err error) {
		output, err = s.client.GetItem(ctx, input, noSDKRetry)
		return err
	})
	if err != nil {
		return none, failed(doing, err)
	}
	if output.Item == nil {
		return none, apikey.NoSuch(subject)
	}
	value, err := decodeChecked(output.Item, attributes)
	if err != nil {
		return none, apikey.UnavailableError(doing, err)
	}
	return value, nil
}
