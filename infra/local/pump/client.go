package pump

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/keyward/keyward/infra/local/awsjson"
)

// client calls DynamoDB Streams with a function's role, as Lambda does. It is not
// the SDK's, because a function gets the records in the very JSON of the answer.
type client struct{ awsjson.Endpoint }

func (c client) call(ctx context.Context, action string, in, out any) error {
	return c.Call(ctx, "DynamoDBStreams_20120810."+action, in, out)
}

// stream returns the ARN of a table's stream.
func (c client) stream(ctx context.Context, table string) (string, error) {
	var out struct{ Streams []struct{ StreamArn string } }
	if err := c.call(ctx, "ListStreams", map[string]any{"TableName": table}, &out); err != nil {
		return "", err
	}
	if len(out.Streams) == 0 {
		return "", errors.New("the table has no stream")
	}
	return out.Streams[len(out.Streams)-1].StreamArn, nil
}

// shard is a part of a stream. Its records come after those of its parent.
type shard struct {
	ID     string `json:"ShardId"`
	Parent string `json:"ParentShardId"`
}

// shards returns the parts of a stream, oldest first.
func (c client) shards(ctx context.Context, stream string) ([]shard, error) {
	var all []shard
	for last := ""; ; {
		in := map[string]any{"StreamArn": stream}
		if last != "" {
			in["ExclusiveStartShardId"] = last
		}
		var out struct {
			StreamDescription struct {
				Shards []shard
				Last   string `json:"LastEvaluatedShardId"`
			}
		}
		if err := c.call(ctx, "DescribeStream", in, &out); err != nil {
			return nil, err
		}
		all = append(all, out.StreamDescription.Shards...)
		if last = out.StreamDescription.Last; last == "" {
			return all, nil
		}
	}
}

// iterator returns the place after a sequence number, or the beginning of a
// shard.
func (c client) iterator(ctx context.Context, stream, shard, after string) (string, error) {
	in := map[string]any{"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
	if after != "" {
		in["ShardIteratorType"], in["SequenceNumber"] = "AFTER_SEQUENCE_NUMBER", after
	}
	var out struct{ ShardIterator string }
	err := c.call(ctx, "GetShardIterator", in, &out)
	return out.ShardIterator, err
}

// records returns the records at an iterator, and the next one; empty at the end
// of a shard.
func (c client) records(ctx context.Context, iterator string, limit int) (records []json.RawMessage, next string, err error) {
	var out struct {
		Records           []json.RawMessage
		NextShardIterator string
	}
	err = c.call(ctx, "GetRecords", map[string]any{"ShardIterator": iterator, "Limit": limit}, &out)
	return out.Records, out.NextShardIterator, err
}
