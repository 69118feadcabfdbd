package upgrade

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// server is a DynamoDB Local that is called in its own JSON, so that items are
// stored and loaded exactly as they are.
type server struct{ url string }

func (s server) scan(ctx context.Context, table string) ([]Item, error) {
	var items []Item
	request := map[string]any{"TableName": table, "ConsistentRead": true}
	for {
		var page struct {
			Items            []Item
			LastEvaluatedKey Item
		}
		if err := s.call(ctx, "Scan", request, &page); err != nil {
			return nil, err
		}
		items = append(items, page.Items...)
		if page.LastEvaluatedKey == nil {
			return items, nil
		}
		request["ExclusiveStartKey"] = page.LastEvaluatedKey
	}
}

// call sends a dummy signature: DynamoDB Local requires one and does not check
// it.
func (s server) call(ctx context.Context, action string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+action)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		reason, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		return fmt.Errorf("DynamoDB Local: %s: %s: %s", action, response.Status, reason)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
