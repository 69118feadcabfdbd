package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// revealAPIKey shows a recoverable key whole, once the rules have recorded it.
var revealAPIKey = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	key, text, err := api.Keys.Reveal(ctx, req.caller, req.id)
	if err != nil {
		return answer{}, err
	}
	return answer{body: canonical.RevealedKey{ID: key.ID.String(), Text: wire.Secret(text.Reveal())}}, nil
})
