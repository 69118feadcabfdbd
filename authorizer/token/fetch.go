package token

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/keyward/keyward/shared/fetch"
)

// fetch asks the issuer for the URL of its keys, then for the keys.
func (r *keyring) fetch(ctx context.Context) (keySet, error) {
	text, err := fetch.Document(ctx, r.http, strings.TrimSuffix(r.issuer, "/")+"/.well-known/openid-configuration")
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
	if text, err = fetch.Document(ctx, r.http, discovery.JWKS); err != nil {
		return nil, fmt.Errorf("the issuer's keys: %w", err)
	}
	keys, err := readKeys(text)
	if err != nil {
		return nil, fmt.Errorf("the issuer's keys: %w", err)
	}
	return keys, nil
}
