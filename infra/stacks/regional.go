package stacks

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/keyward/keyward/shared/operations"
)

// Regional is the stack of one region: the functions, and the management API
// behind the authorizer.
type Regional struct {
	stack
	// place is the region; empty if the credentials decide.
	place     string
	assets    string
	functions map[string]function
}

func newRegional(scope constructs.Construct, props Props, region string) *Regional {
	settings := props.Settings
	r := &Regional{
		stack:     newStack(scope, settings.RegionalStack(region), "Keyward: API keys", region, settings),
		place:     region,
		assets:    props.Assets,
		functions: map[string]function{},
	}
	api := r.newAPI()
	for _, planned := range settings.FunctionsIn(region) {
		r.functions[planned.Name] = r.newFunction(planned, api)
	}
	r.addRoutes(api)
	r.addSchedules()
	r.addStreams()
	r.addGuarded()
	r.addDomains(api)
	r.addFirewall(api)
	r.addFilters()
	r.addAlarms()
	r.addDashboard()
	r.output("ApiUrl", "Where the management API of this region answers", r.url(api))
	if bootstrap, here := r.functions["bootstrap"]; here {
		r.output("BootstrapName", "Invoke it once, to make the first organization and its admin key", bootstrap.lambda.FunctionName())
	}
	r.output("AuthorizerArn", "The authorizer, for other APIs of this region", r.functions[operations.Authorizer.Name].lambda.FunctionArn())
	return r
}
