package demo

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/identity"
)

// file describes one uploaded file in an answer.
type file struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// files answers POST /v1/files. It measures the parts of a multipart body, or a
// body of another type as one file, and stores nothing.
func files(_ context.Context, text []byte) ([]byte, error) {
	var event events.APIGatewayProxyRequest
	if err := json.Unmarshal(text, &event); err != nil {
		return nil, err
	}
	caller, err := identity.From(event.RequestContext.Authorizer)
	if err != nil {
		return nil, err
	}
	body := []byte(event.Body)
	if event.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return nil, err
		}
	}
	list, err := measure(event.Headers["Content-Type"], body)
	answer := events.APIGatewayProxyResponse{Headers: jsonHeaders("application/json")}
	if err != nil {
		answer.Headers = jsonHeaders("application/problem+json")
		answer.StatusCode, answer.Body = problem(http.StatusBadRequest, "INVALID_REQUEST", "The multipart body is malformed.", event.RequestContext.RequestID)
		return json.Marshal(answer)
	}
	answer.StatusCode = http.StatusOK
	answer.Body = encode(map[string]any{"files": list, "orgId": caller.OrgID, "keyId": caller.KeyID})
	return json.Marshal(answer)
}

func measure(contentType string, body []byte) ([]file, error) {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || !strings.HasPrefix(media, "multipart/") {
		return []file{{"body", int64(len(body))}}, nil
	}
	list := []file{}
	reader := multipart.NewReader(bytes.NewReader(body), parameters["boundary"])
	for {
		part, err := reader.NextPart()
		if err == io.EOF { //nolint:errorlint // a body that breaks off is an EOF too, but a wrapped one
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		size, err := io.Copy(io.Discard, part)
		if err != nil {
			return nil, err
		}
		name := part.FileName()
		if name == "" {
			name = part.FormName()
		}
		list = append(list, file{name, size})
	}
}

func jsonHeaders(contentType string) map[string]string {
	return map[string]string{"Content-Type": contentType, "X-Content-Type-Options": "nosniff"}
}

// problem returns a refusal as an RFC 9457 document.
func problem(status int, code, detail, requestID string) (_ int, body string) {
	return status, encode(map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status,
		"detail": detail, "code": code, "requestId": requestID,
	})
}

// encode returns a value of only texts and numbers as JSON.
func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("demo: an answer is not JSON: " + err.Error())
	}
	return string(text)
}
