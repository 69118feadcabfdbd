package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// getOrganization shows the organization's settings.
var getOrganization = on(func(ctx context.Context, api API, req request[none]) (answer, error) {
	return showOrganization(api.Keys.GetOrganization(ctx, req.caller))
})

// showOrganization is the answer of an operation whose result is the
// organization.
func showOrganization(org apikey.Organization, err error) (answer, error) {
	return answer{body: canonical.FromOrganization(org), version: org.Version}, err
}
