package kms

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// maxRequest is above the largest request that KMS accepts, in bytes.
const maxRequest = 64 << 10

// fault is an error in KMS's format.
type fault struct {
	Status  int    `json:"-"`
	Type    string `json:"__type"`
	Message string `json:"message,omitempty"`
}

// Error returns the type and the message.
func (f *fault) Error() string { return f.Type + ": " + f.Message }

func newFault(kind, message string) *fault { return &fault{http.StatusBadRequest, kind, message} }

func notFound(name string) *fault {
	return newFault("NotFoundException", "Key '"+name+"' does not exist")
}

func invalid(message string) *fault {
	return newFault("ValidationException", "1 validation error detected: "+message)
}

// ServeHTTP answers one KMS request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := h.serve(r)
	status := http.StatusOK
	if err != nil {
		f, known := errors.AsType[*fault](err)
		if !known {
			f = &fault{http.StatusInternalServerError, "KMSInternalException", err.Error()}
		}
		answer, status = f, f.Status
	}
	text, err := json.Marshal(answer)
	if err != nil {
		text, status = []byte(`{"__type":"KMSInternalException"}`), http.StatusInternalServerError
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-RequestId", newUUID())
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

func (h *handler) serve(r *http.Request) (any, error) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		return nil, newFault("MissingAuthenticationTokenException", "Missing Authentication Token")
	}
	name, ours := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "TrentService.")
	operation, known := operations[name]
	if r.Method != http.MethodPost || !ours || !known {
		return nil, newFault("UnknownOperationException", "")
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil || len(body) > maxRequest {
		return nil, newFault("SerializationException", "")
	}
	var in input
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, newFault("SerializationException", "")
	}
	return operation(h, in)
}
