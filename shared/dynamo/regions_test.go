package dynamo_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/dynamo"
)

// spot is an item's table and primary key, which are the same in every region.
type spot struct {
	table  int // of main, audit, secrets
	pk, sk string
}

// region stands for one replica of the global tables, and has tables of its
// own. It writes one transaction at a time, and numbers the writes of all
// regions in their order.
type region struct {
	*awsdynamodb.Client
	tables []string
	world  *world
	other  *region

	mu sync.Mutex
	// latest is the number of each item's last write, and gone says whether the
	// item was ever deleted here. pending lists items that the other region
	// does not have yet.
	latest  map[spot]int64
	gone    map[spot]bool
	pending []spot
}

// world is what two regions share.
type world struct {
	t     *testing.T
	mu    sync.Mutex
	clock int64
	// revived lists keys that came back to a region where they had been
	// deleted.
	revived []string
}

func (w *world) tick() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock++
	return w.clock
}

// newRegions returns two empty regions.
func newRegions(t *testing.T) (*world, *region, *region) {
	w := &world{t: t}
	var made [2]*region
	for i := range made {
		names := newTables(t)
		made[i] = &region{
			Client: dynamodb.Client(server.URL), world: w, tables: []string{names.Table, names.Audit, names.Secrets, names.Usage},
			latest: make(map[spot]int64), gone: make(map[spot]bool),
		}
	}
	made[0].other, made[1].other = made[1], made[0]
	return w, made[0], made[1]
}

func (r *region) store() *dynamo.Store {
	return dynamo.New(r, dynamo.Names{Table: r.tables[0], Audit: r.tables[1], Secrets: r.tables[2], Usage: r.tables[3]})
}

// TransactWriteItems commits in this region, and adds each item to pending. If
// ctx ends first, the transaction is committed all the same, but the caller
// gets ctx's error.
func (r *region) TransactWriteItems(ctx context.Context, input *awsdynamodb.TransactWriteItemsInput, opts ...func(*awsdynamodb.Options)) (*awsdynamodb.TransactWriteItemsOutput, error) {
	r.mu.Lock()
	output, err := r.Client.TransactWriteItems(context.WithoutCancel(ctx), input, opts...)
	if err == nil {
		at := r.world.tick()
		for _, one := range input.TransactItems {
			if s, removed, written := r.written(one); written {
				r.note(s, at, removed)
				r.pending = append(r.pending, s)
			}
		}
	}
	r.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return output, err
}

// note records a write to this region, by a caller or by replication.
func (r *region) note(s spot, at int64, removed bool) {
	r.latest[s] = at
	if removed {
		r.gone[s] = true
	} else if r.gone[s] && s.sk == "KEY" {
		r.world.mu.Lock()
		r.world.revived = append(r.world.revived, s.pk)
		r.world.mu.Unlock()
	}
}

func (r *region) written(one types.TransactWriteItem) (s spot, removed, written bool) {
	switch {
	case one.Put != nil:
		return r.spot(*one.Put.TableName, one.Put.Item), false, true
	case one.Update != nil:
		return r.spot(*one.Update.TableName, one.Update.Key), false, true
	case one.Delete != nil:
		return r.spot(*one.Delete.TableName, one.Delete.Key), true, true
	}
	return spot{}, false, false
}

func (r *region) spot(table string, item attributes) spot {
	pk, sk := item["pk"].(*types.AttributeValueMemberS), item["sk"].(*types.AttributeValueMemberS)
	return spot{table: slices.Index(r.tables, table), pk: pk.Value, sk: sk.Value}
}

// replicate copies pending items to the other region, in random order, until
// that many are left. The last writer wins, as in DynamoDB: for each item, not
// for each transaction.
func (r *region) replicate(left int) {
	for {
		r.mu.Lock()
		if len(r.pending) <= left {
			r.mu.Unlock()
			return
		}
		i := rand.IntN(len(r.pending))
		s := r.pending[i]
		r.pending = slices.Delete(r.pending, i, i+1)
		at, image := r.latest[s], r.image(s)
		r.mu.Unlock()
		r.other.receive(s, at, image)
	}
}

func (r *region) image(s spot) attributes {
	output, err := r.GetItem(r.world.t.Context(), &awsdynamodb.GetItemInput{
		TableName: &r.tables[s.table], Key: attributes{"pk": textValue(s.pk), "sk": textValue(s.sk)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		r.world.t.Error(err)
		return nil
	}
	return output.Item
}

func (r *region) receive(s spot, at int64, image attributes) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.latest[s] >= at {
		return
	}
	r.note(s, at, image == nil)
	var err error
	if image == nil {
		_, err = r.DeleteItem(r.world.t.Context(), &awsdynamodb.DeleteItemInput{
			TableName: &r.tables[s.table], Key: attributes{"pk": textValue(s.pk), "sk": textValue(s.sk)},
		})
	} else {
		_, err = r.PutItem(r.world.t.Context(), &awsdynamodb.PutItemInput{TableName: &r.tables[s.table], Item: image})
	}
	if err != nil {
		r.world.t.Error(err)
	}
}

// items returns all items of the region as text, by table and key.
func (r *region) items(t *testing.T) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for n, table := range r.tables {
		pages := awsdynamodb.NewScanPaginator(r.Client, &awsdynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				s := r.spot(table, item)
				found[fmt.Sprint(n, " ", s.pk, " ", s.sk)] = shown(item)
			}
		}
	}
	return found
}

// shown returns an item as text. Equal items give equal texts.
func shown(item attributes) string {
	var text string
	for _, name := range slices.Sorted(maps.Keys(item)) {
		switch value := item[name].(type) {
		case *types.AttributeValueMemberS:
			text += name + "=" + value.Value + " "
		case *types.AttributeValueMemberN:
			text += name + "=" + value.Value + " "
		default:
			text += name + " "
		}
	}
	return text
}
