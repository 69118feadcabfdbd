package apigw

import (
	"context"
	"fmt"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// getPropagation tells how far the newest version of a key has come. The log
// names the regions that could not be read, and why.
func getPropagation(ctx context.Context, api API, req request[none]) (answer[canonical.Propagation], error) {
	found, err := api.Rules.Propagation(ctx, req.caller, req.id)
	var unread []apikey.Damage
	for _, region := range found.Regions {
		if region.Err != nil {
			unread = append(unread, apikey.Damage{Ref: apikey.KeyRef(found.Key), Cause: fmt.Errorf("in %s: %w", region.Region, region.Err)})
		}
	}
	return answer[canonical.Propagation]{body: new(canonical.FromPropagation(found)), damaged: unread}, err
}
