package apigw

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// Bootstrap makes an organization and all that it needs, its first admin key
// included. It can be run again.
func Bootstrap(api API) DirectHandler {
	return direct(api, "bootstrap", func(ctx context.Context, event []byte) (any, error) {
		var form canonical.Setup
		if err := apikeyInvalid(strict.Decode(event, &form)); err != nil {
			return nil, err
		}
		setup := form.Setup()
		setup.Account = runsIn(ctx)
		result, err := api.Keys.Bootstrap(ctx, setup)
		if err != nil {
			return nil, err
		}
		return canonical.FromSetup(result), nil
	})
}

// emulated is the account in the ARNs of AWS's own emulator of Lambda.
const emulated = "012345678912"

// runsIn is the AWS account of the function that is invoked; empty where that is
// none: the local stack and emulators name one that does not exist.
func runsIn(ctx context.Context) string {
	invoked, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return ""
	}
	const account = 4 // arn:PARTITION:lambda:REGION:ACCOUNT:...
	parts := strings.Split(invoked.InvokedFunctionArn, ":")
	if len(parts) <= account || parts[account] == apikey.PlaceholderAccount || parts[account] == emulated {
		return ""
	}
	return parts[account]
}
