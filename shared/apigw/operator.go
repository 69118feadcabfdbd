package apigw

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// directHandlers are the operations that an operator or a schedule invokes, by
// name.
var directHandlers = map[string]func(API) DirectHandler{
	"bootstrap":            Bootstrap,
	"suspend-organization": SuspendOrganization,
	"sweep":                Sweep,
}

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

// runsIn returns the AWS account of the function that is invoked. It is empty where
// there is none: the local stack and emulators name one that does not exist.
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

// SuspendOrganization stops an organization, or ends that. It can be run again.
func SuspendOrganization(api API) DirectHandler {
	return direct(api, "suspend-organization", func(ctx context.Context, event []byte) (any, error) {
		var form canonical.Suspension
		if err := apikeyInvalid(strict.Decode(event, &form)); err != nil {
			return nil, err
		}
		status, err := api.Keys.Suspend(ctx, form.Suspension())
		if err != nil {
			return nil, err
		}
		return canonical.FromStatus(status), nil
	})
}

// Sweep finishes what was begun and broke off. Whatever its event says, which a
// schedule writes, it does the same.
func Sweep(api API) DirectHandler {
	return direct(api, "sweep", func(ctx context.Context, _ []byte) (any, error) {
		swept, err := api.Keys.Sweep(ctx)
		return canonical.Swept(swept), err
	})
}
