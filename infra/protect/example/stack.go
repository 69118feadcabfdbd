package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsappsync"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/nag/explain"
	"github.com/keyward/keyward/infra/protect"
)

// addExample adds a stack with two services: files, on a REST API, and chat, on
// the other three kinds.
func addExample(scope constructs.Construct, id string) {
	stack := awscdk.NewStack(scope, jsii.String(id), &awscdk.StackProps{AnalyticsReporting: jsii.Bool(false)})
	keyward := protect.Connect(stack, "Keyward", protect.Deployment{
		Authorizer: "arn:aws:lambda:eu-central-1:123456789012:function:keyward-authorizer",
		URL:        "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/live",
		Key:        awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("Key"), jsii.String("keyward/deployer")),
	})
	keyward.Protect("Files", protect.Service{
		ID: "files", APIs: []protect.API{protect.REST(filesAPI(stack))},
		Permissions: map[string]string{"ViewFiles": "See files", "ManageFiles": "Add and remove files"},
		Routes: protect.Routes{
			"GET /files":         protect.Needs("ViewFiles", "ManageFiles"),
			"POST /files":        protect.Needs("ManageFiles"),
			"DELETE /files/{id}": protect.Needs("ManageFiles"),
			"GET /me":            protect.AnyKey(),
			"GET /health":        protect.Public(),
		},
		CacheSeconds: 60,
	})
	keyward.Protect("Chat", protect.Service{
		ID: "chat", Name: "Chat rooms",
		APIs:        []protect.API{protect.HTTP(roomsAPI(stack)), protect.WebSocket(chatAPI(stack)), protect.AppSync(graphAPI(stack))},
		Permissions: map[string]string{"Chat": "Read and write in rooms"},
		Routes: protect.Routes{
			"GET /rooms/{id}": protect.Needs("Chat"),
			"$default":        protect.AnyKey(),
			"$connect":        protect.Needs("Chat"),
			"POST /graphql":   protect.Needs("Chat"),
		},
	})
}

// filesAPI returns a REST API that answers by itself and allows calls from pages
// of any origin.
func filesAPI(stack awscdk.Stack) awsapigateway.RestApi {
	api := awsapigateway.NewRestApi(stack, jsii.String("FilesApi"), &awsapigateway.RestApiProps{
		CloudWatchRole: jsii.Bool(false),
		DefaultCorsPreflightOptions: &awsapigateway.CorsOptions{
			AllowOrigins: awsapigateway.Cors_ALL_ORIGINS(),
			AllowHeaders: jsii.Strings("Authorization", "Content-Type"),
		},
	})
	files := api.Root().AddResource(jsii.String("files"), nil)
	answer(files, "GET")
	answer(files, "POST")
	answer(files.AddResource(jsii.String("{id}"), nil), "DELETE")
	answer(api.Root().AddResource(jsii.String("me"), nil), "GET")
	explainFiles(api, answer(api.Root().AddResource(jsii.String("health"), nil), "GET"))
	return api
}

func answer(resource awsapigateway.Resource, method string) awsapigateway.Method {
	integration := awsapigateway.NewMockIntegration(&awsapigateway.IntegrationOptions{
		RequestTemplates:     &map[string]*string{"application/json": jsii.String(`{"statusCode": 204}`)},
		IntegrationResponses: &[]*awsapigateway.IntegrationResponse{{StatusCode: jsii.String("204")}},
	})
	return resource.AddMethod(jsii.String(method), integration, &awsapigateway.MethodOptions{
		MethodResponses: &[]*awsapigateway.MethodResponse{{StatusCode: jsii.String("204")}},
	})
}

// roomsAPI returns an HTTP API in front of a server elsewhere.
func roomsAPI(stack awscdk.Stack) awsapigatewayv2.HttpApi {
	server := func(id string) awsapigatewayv2.HttpRouteIntegration {
		return awsapigatewayv2integrations.NewHttpUrlIntegration(jsii.String(id), jsii.String("https://rooms.example.com"), nil)
	}
	api := awsapigatewayv2.NewHttpApi(stack, jsii.String("RoomsApi"), &awsapigatewayv2.HttpApiProps{DefaultIntegration: server("Rest")})
	api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
		Path: jsii.String("/rooms/{id}"), Methods: &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod_GET}, Integration: server("Room"),
	})
	explain.Rule(api.DefaultStage(), "APIG1", noLog)
	return api
}

// chatAPI returns a WebSocket API that answers by itself.
func chatAPI(stack awscdk.Stack) awsapigatewayv2.WebSocketApi {
	mock := func(id string) *awsapigatewayv2.WebSocketRouteOptions {
		return &awsapigatewayv2.WebSocketRouteOptions{Integration: awsapigatewayv2integrations.NewWebSocketMockIntegration(jsii.String(id), nil)}
	}
	api := awsapigatewayv2.NewWebSocketApi(stack, jsii.String("ChatApi"), &awsapigatewayv2.WebSocketApiProps{ConnectRouteOptions: mock("Connect")})
	messages := api.AddRoute(jsii.String("$default"), mock("Message"))
	explain.Rule(messages, "APIG4", "Keyward is asked on $connect: messages come through a connection that it has let in.")
	return api
}

// graphAPI returns a GraphQL API.
func graphAPI(stack awscdk.Stack) awsappsync.GraphqlApi {
	api := awsappsync.NewGraphqlApi(stack, jsii.String("GraphApi"), &awsappsync.GraphqlApiProps{
		Name:       jsii.String("rooms"),
		Definition: awsappsync.Definition_FromFile(jsii.String("schema.graphql")),
	})
	explain.Rule(api, "ASC3", noLog+" Set ExcludeVerboseContent: otherwise the log contains headers, and so keys.")
	return api
}
