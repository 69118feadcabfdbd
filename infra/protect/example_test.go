package protect_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/protect"
)

// These exist in the app already.
var (
	stack awscdk.Stack
	api   awsapigateway.RestApi
)

func ExampleKeyward_Protect() {
	authorizerARN := "arn:aws:lambda:eu-central-1:123456789012:function:keyward-authorizer" // AuthorizerArn
	keywardURL := "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/live"          // ApiUrl
	secret := awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Key"), jsii.String("keyward/deployer"))
	keyward := protect.Connect(stack, "Keyward", protect.Deployment{Authorizer: authorizerARN, URL: keywardURL, Key: secret})
	keyward.Protect("Files", protect.Service{ID: "files", APIs: []protect.API{protect.REST(api)}, Permissions: map[string]string{"ViewFiles": "See files"},
		Routes: protect.Routes{"GET /files": protect.Needs("ViewFiles"), "GET /health": protect.Public()}})
}
