package protect_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"

	"github.com/keyward/keyward/infra/protect"
)

// What an app has already.
var (
	stack                     awscdk.Stack
	api                       awsapigateway.RestApi
	secret                    awssecretsmanager.ISecret
	authorizerARN, keywardURL string
)

func ExampleKeyward_Protect() {
	keyward := protect.Connect(stack, "Keyward", protect.Deployment{Authorizer: authorizerARN, URL: keywardURL, Key: secret})
	keyward.Protect("Files", protect.Service{ID: "files", APIs: []protect.API{protect.REST(api)}, Permissions: map[string]string{"ViewFiles": "See files"},
		Routes: protect.Routes{"GET /files": protect.Needs("ViewFiles"), "GET /health": protect.Public()}})
}
