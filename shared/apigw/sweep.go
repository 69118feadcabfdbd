package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

// Sweep finishes what was begun and broke off. Whatever its event says, which a
// schedule writes, it does the same.
func Sweep(api API) DirectHandler {
	return direct(api, "sweep", func(ctx context.Context, _ []byte) (any, error) {
		swept, err := api.Keys.Sweep(ctx)
		return canonical.Swept(swept), err
	})
}
