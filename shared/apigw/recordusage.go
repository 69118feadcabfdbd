package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
)

// RecordUsage returns the handler that brings the last uses of keys up to date
// with what authorizers wrote. A batch that is repeated changes nothing. The
// handler's own writes come through the stream too, and it ignores them.
func RecordUsage(api API) StreamHandler {
	return stream(api, "record-usage", func(ctx context.Context, images []Image) []error {
		failures := make([]error, len(images))
		var all []apikey.Uses
		var at []int
		for i, image := range images {
			uses, counted, err := api.Uses(image)
			switch {
			case err != nil:
				failures[i] = apikey.UnavailableError("read the uses of a key", err)
			case counted:
				all, at = append(all, uses), append(at, i)
			}
		}
		for i, err := range api.Rules.RecordUses(ctx, all) {
			failures[at[i]] = err
		}
		return failures
	})
}
