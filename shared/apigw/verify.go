package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/dialect/canonical"
)

var canonicalVerification = endpointGroup{endpoints: map[string]Endpoint{
	"verify-apikey": {action: on(verifyAPIKey), Note: "For explain it also needs AdministerApiKeys. The check counts as no use of a key."},
	"introspect":    {action: on(introspect), Note: "RFC 7662. The caller sends its own key as Authorization, as everywhere."},
}}

// verifyAPIKey tells whether keys may do something.
func verifyAPIKey(ctx context.Context, api API, req request[canonical.VerifyBody]) (answer[canonical.Verified], error) {
	answers, err := api.Questions.Ask(ctx, req.caller, req.body.Question())
	if err != nil {
		return answer[canonical.Verified]{}, err
	}
	return answer[canonical.Verified]{body: new(canonical.FromVerifications(answers, req.body.Listed()))}, nil
}

// introspect tells whether a key can be used, in the form of RFC 7662.
func introspect(ctx context.Context, api API, req request[canonical.IntrospectionForm]) (answer[canonical.Introspected], error) {
	answers, err := api.Questions.Ask(ctx, req.caller, req.body.Question())
	if err != nil {
		return answer[canonical.Introspected]{}, err
	}
	return answer[canonical.Introspected]{body: new(canonical.FromIntrospection(answers[0]))}, nil
}
