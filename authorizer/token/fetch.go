package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxDocument is the maximum length of an issuer's document, in bytes.
const maxDocument = 64 << 10

// fetch asks the issuer for the URL of its keys, then for the keys.
func (r *keyring) fetch(ctx context.Context) (keySet, error) {
	text, err := r.get(ctx, strings.TrimSuffix(r.issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, fmt.Errorf("the issuer's discovery document: %w", err)
	}
	var discovery struct {
		Issuer string `json:"issuer"`
		JWKS   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &discovery); err != nil {
		return nil, fmt.Errorf("the issuer's discovery document: %w", err)
	}
	if discovery.Issuer != r.issuer {
		return nil, errors.New("the issuer's discovery document is another issuer's")
	}
	where, err := url.Parse(discovery.JWKS)
	if err != nil || !safe(where) || where.Scheme != "https" && !strings.HasPrefix(r.issuer, "http:") {
		return nil, errors.New("the issuer's keys are at no https URL")
	}
	if text, err = r.get(ctx, discovery.JWKS); err != nil {
		return nil, fmt.Errorf("the issuer's keys: %w", err)
	}
	keys, err := readKeys(text)
	if err != nil {
		return nil, fmt.Errorf("the issuer's keys: %w", err)
	}
	return keys, nil
}

func (r *keyring) get(ctx context.Context, where string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, where, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept", "application/json")
	response, err := r.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxDocument+1))
	switch {
	case err != nil:
		return nil, err
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("status %d", response.StatusCode)
	case len(text) > maxDocument:
		return nil, fmt.Errorf("more than %d bytes", maxDocument)
	}
	return text, nil
}
