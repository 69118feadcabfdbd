// Command first is the smallest whole app: a REST API with two routes, of which
// Keyward guards one.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/protect"
)

// The outputs of Keyward's own stack: AuthorizerArn and ApiUrl.
const (
	authorizerARN = "arn:aws:lambda:eu-central-1:123456789012:function:keyward-authorizer"
	keywardURL    = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/live"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("files"), nil)
	api := awsapigateway.NewRestApi(stack, jsii.String("Api"), nil)
	files := awsapigateway.NewHttpIntegration(jsii.String("https://files.example.com"), nil) // or your Lambda function
	for _, path := range []string{"files", "health"} {
		api.Root().AddResource(jsii.String(path), nil).AddMethod(jsii.String("GET"), files, nil)
	}

	keyward := protect.Connect(stack, "Keyward", protect.Deployment{
		Authorizer: authorizerARN, URL: keywardURL,
		Key: awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Key"), jsii.String("keyward/deployer")),
	})
	keyward.Protect("Files", protect.Service{
		ID: "files", APIs: []protect.API{protect.REST(api)},
		Permissions: map[string]string{"ViewFiles": "See files"},
		Routes:      protect.Routes{"GET /files": protect.Needs("ViewFiles"), "GET /health": protect.Public()},
	})
	app.Synth(nil)
}
