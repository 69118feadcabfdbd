// Package responses adds Keyward's gateway responses to a REST API, so that
// whatever the gateway itself answers has a problem body like Keyward's own.
package responses

import (
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/operations"
)

// Add adds the gateway responses to an API. Each construct's id is the prefix and
// the response's type.
func Add(api awsapigateway.RestApi, prefix string, all []operations.GatewayResponse) {
	for _, response := range all {
		headers := map[string]*string{}
		for name, value := range response.Headers {
			headers[name] = jsii.String("'" + value + "'")
		}
		options := &awsapigateway.GatewayResponseOptions{
			Type:            awsapigateway.ResponseType_Of(jsii.String(response.Type)),
			ResponseHeaders: &headers,
			Templates:       &map[string]*string{"application/json": jsii.String(response.Body)},
		}
		if response.Status != 0 {
			options.StatusCode = jsii.String(strconv.Itoa(response.Status))
		}
		api.AddGatewayResponse(jsii.String(prefix+response.Type), options)
	}
}
