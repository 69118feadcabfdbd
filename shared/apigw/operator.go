package apigw

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// directHandlers maps names to the operations that an operator or a schedule
// invokes.
var directHandlers = map[string]func(API) DirectHandler{
	"bootstrap":            Bootstrap,
	"rotate-pepper":        RotatePepper,
	"suspend-organization": SuspendOrganization,
	"sweep":                Sweep,
	"send-notices":         SendNotices,
}

// Bootstrap returns the handler that creates an organization with all that it
// needs, including its first admin key. It is idempotent.
func Bootstrap(api API) DirectHandler {
	return direct(api, "bootstrap", func(ctx context.Context, event []byte) (any, error) {
		var form canonical.Setup
		if err := apikey.InvalidError(strict.Decode(event, &form)...); err != nil {
			return nil, err
		}
		setup := form.Setup()
		setup.Account = runsIn(ctx)
		result, err := api.Rules.Bootstrap(ctx, setup)
		return canonical.FromSetup(result), err
	})
}

// emulated is the account in the ARNs of AWS's own Lambda emulator.
const emulated = "012345678912"

// runsIn returns the AWS account of the invoked function. It is empty in the
// local stack and in emulators, which use an account that does not exist.
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

// SuspendOrganization returns the handler that suspends an organization or ends
// a suspension. It is idempotent.
func SuspendOrganization(api API) DirectHandler {
	return direct(api, "suspend-organization", func(ctx context.Context, event []byte) (any, error) {
		var form canonical.Suspension
		if err := apikey.InvalidError(strict.Decode(event, &form)...); err != nil {
			return nil, err
		}
		status, err := api.Rules.Suspend(ctx, form.Suspension())
		return canonical.FromStatus(status), err
	})
}

// RotatePepper returns the handler that makes a new version of the pepper, tells
// how many keys need which version, or retires one. It answers with all versions.
func RotatePepper(api API) DirectHandler {
	return direct(api, "rotate-pepper", func(ctx context.Context, event []byte) (any, error) {
		var form canonical.PepperCommand
		if err := apikey.InvalidError(strict.Decode(event, &form)...); err != nil {
			return nil, err
		}
		if err := apikey.InvalidError(form.Faults()...); err != nil {
			return nil, err
		}
		var report apikey.PepperReport
		var err error
		switch {
		case form.Status != nil:
			report, err = api.Rules.ReportPeppers(ctx)
		case form.Retire != nil:
			report, err = api.Rules.RetirePepper(ctx, form.Retirement())
		default:
			report, err = api.Rules.RotatePepper(ctx, form.MinimumAge())
		}
		return canonical.FromPeppers(report, api.Rules.Now()), err
	})
}

// Sweep returns the handler that finishes interrupted changes. It ignores its
// event, which a schedule writes.
func Sweep(api API) DirectHandler {
	return direct(api, "sweep", func(ctx context.Context, _ []byte) (any, error) {
		swept, err := api.Rules.Sweep(ctx)
		return canonical.Swept(swept), err
	})
}

// SendNotices returns the handler that records which keys expire soon and which
// are not used. It ignores its event, which a schedule writes.
func SendNotices(api API) DirectHandler {
	return direct(api, "send-notices", func(ctx context.Context, _ []byte) (any, error) {
		sent, err := api.Rules.SendNotices(ctx)
		return canonical.NoticesSent(sent), err
	})
}
