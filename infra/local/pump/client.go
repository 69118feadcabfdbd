package pump

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// client calls DynamoDB Streams with a function's role, as Lambda does. It is not
// the SDK's, because a function gets the records in the very JSON of the answer.
type client struct{ url, function, region string }

// maxAnswer is above the largest answer, which is 1 MB of records.
const maxAnswer = 16 << 20

// call makes a request and decodes the answer.
func (c client) call(ctx context.Context, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", "DynamoDBStreams_20120810."+action)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	// Nothing on this machine verifies signatures.
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.function+"/20260101/"+c.region+
		"/dynamodb/aws4_request, SignedHeaders=host;x-amz-target, Signature=0")
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", action, text)
	}
	return json.Unmarshal(text, out)
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
