package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"strings"

	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	// measuredKeys is the initial number of keys in the table. Most decisions are
	// spread over them.
	measuredKeys = 512
	// manyKeys is how many keys the memory measurement uses.
	manyKeys = 10_000

	// placeholder stands for the key in the sample event.
	placeholder = "KEYWARD_API_KEY"
	sampleEvent = "events/authorizer-rest-request.json"
)

// readTemplate turns the sample event into one as API Gateway sends it: without
// white space, and with a cookie that makes it 3 kB long.
func readTemplate() ([]byte, error) {
	sample, err := os.ReadFile(sampleEvent)
	if err != nil {
		return nil, err
	}
	cookie := strings.Repeat("c", 300)
	text := strings.Replace(string(sample), `"Host": "`, `"Cookie": "`+cookie+`", "Host": "`, 1)
	text = strings.Replace(text, `"Host": [`, `"Cookie": ["`+cookie+`"], "Host": [`, 1)
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		return nil, err
	}
	if size := compact.Len(); size < 2900 || size > 3300 || !strings.Contains(text, placeholder) {
		return nil, fmt.Errorf("%s has %d bytes, or takes no key", sampleEvent, size)
	}
	return compact.Bytes(), nil
}

// event returns the request with the n-th key.
func (f *fixture) event(n int) []byte {
	return bytes.ReplaceAll(f.template, []byte(placeholder), []byte(f.keys[n].Reveal()))
}

// grow stores keys until there are want of them. All are valid, and like the
// first except for what identifies a key.
func (f *fixture) grow(ctx context.Context, want int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	for len(f.keys) < want {
		var puts []types.WriteRequest
		for range min(25, want-len(f.keys)) {
			key, item, err := f.another(ctx)
			if err != nil {
				return errors.Join(err, group.Wait())
			}
			f.keys = append(f.keys, key)
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		group.Go(func() error {
			_, err := f.client.BatchWriteItem(ctx, &awsdynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{f.names.Table: puts}})
			return err
		})
	}
	return group.Wait()
}

// another returns a new key and the item that stores it.
func (f *fixture) another(ctx context.Context) (keytext.Key, map[string]types.AttributeValue, error) {
	key, err := keytext.Generate(f.keys[0].Prefix(), rand.Reader)
	if err != nil {
		return keytext.Key{}, nil, err
	}
	digest, err := apikey.DigestOf(ctx, f.ring, key)
	if err != nil {
		return keytext.Key{}, nil, err
	}
	item := maps.Clone(f.item)
	item[schema.PartitionKey] = partition(key.ID())
	item[schema.ListingSortKey] = &types.AttributeValueMemberS{Value: key.ID().String()}
	item["digest"] = &types.AttributeValueMemberB{Value: digest.Sum[:]}
	return key, item, nil
}

func partition(id uuid.UUID) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: "KEY#" + id.String()}
}
