// Package awsjson calls AWS services in their JSON protocol without the SDK, for
// callers that need the exact JSON of a request or an answer.
package awsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// maxAnswer is far above the largest answer: a page of a scan or of a stream's
// records has at most 1 MB.
const maxAnswer = 16 << 20

// Endpoint is a service on this machine. Caller is the id of the access key in the
// signature, which nothing here verifies.
type Endpoint struct{ URL, Region, Caller string }

// Call makes a request to a target, such as "DynamoDB_20120810.Scan", and decodes
// the answer. An answer with an error status is an error with its text.
func (e Endpoint) Call(ctx context.Context, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", target)
	request.Header.Set("X-Amz-Date", "20260101T000000Z")
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+e.Caller+"/20260101/"+e.Region+
		"/dynamodb/aws4_request, SignedHeaders=host;x-amz-target, Signature=0")
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
		return fmt.Errorf("%s: %s: %s", target, response.Status, text)
	}
	return json.Unmarshal(text, out)
}
