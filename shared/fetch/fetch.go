// Package fetch reads small documents that others publish, such as an issuer's
// keys.
package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// MaxDocument is the maximum length of a document, in bytes.
const MaxDocument = 64 << 10

// Document returns the JSON document at a URL. It does not follow redirects. An
// answer with a status other than 200, or longer than [MaxDocument], is an error.
// ctx limits how long it takes.
func Document(ctx context.Context, client *http.Client, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "keyward") // GitHub requires one
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := direct.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, MaxDocument+1))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d", response.StatusCode)
	case len(text) > MaxDocument:
		return nil, fmt.Errorf("more than %d bytes", MaxDocument)
	}
	return text, nil
}
