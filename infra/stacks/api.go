package stacks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/nag/explain"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/infra/protect/responses"
	"github.com/keyward/keyward/shared/operations"
)

// newAPI returns the management API without its routes, because their functions
// need its id.
func (r *Regional) newAPI() awsapigateway.RestApi {
	api := awsapigateway.NewRestApi(r.Stack, jsii.String("Api"), &awsapigateway.RestApiProps{
		RestApiName: jsii.String(r.settings.Name),
		Description: jsii.String("Keyward's management API"),
		EndpointConfiguration: &awsapigateway.EndpointConfiguration{
			Types: &[]awsapigateway.EndpointType{awsapigateway.EndpointType_REGIONAL},
		},
		MinCompressionSize: awscdk.Size_Bytes(jsii.Number(plan.CompressionBytes)),
		// If the API has names of its own, nobody should rely on the default endpoint,
		// which has no names for organizations.
		DisableExecuteApiEndpoint: jsii.Bool(r.settings.Named()),
		CloudWatchRole:            jsii.Bool(r.settings.APILogRole),
		// Other APIs of the account may rely on it by now.
		CloudWatchRoleRemovalPolicy: r.logRoleRemoval(),
		DeployOptions: &awsapigateway.StageOptions{
			StageName:            jsii.String(plan.Stage),
			AccessLogDestination: awsapigateway.NewLogGroupLogDestination(r.newLogGroup("ApiLogs")),
			AccessLogFormat:      awsapigateway.AccessLogFormat_Custom(jsii.String(plan.AccessLogFormat)),
			// With data tracing, the execution log contains headers and bodies of
			// requests. Without it, the log adds nothing to the access log.
			DataTraceEnabled:     jsii.Bool(false),
			LoggingLevel:         awsapigateway.MethodLoggingLevel_OFF,
			ThrottlingRateLimit:  jsii.Number(r.settings.RequestsPerSecond),
			ThrottlingBurstLimit: jsii.Number(r.settings.Burst),
			TracingEnabled:       jsii.Bool(r.settings.Tracing),
		},
	})
	// CDK's own output shows the default URL, which may be disabled. The stack has
	// a better output.
	api.Node().TryRemoveChild(jsii.String("Endpoint"))
	responses.Add(api, "Response", operations.ManagementResponses(r.settings.Base()))
	r.explainAPI(api)
	return api
}

// logRoleRemoval returns nothing if there is no role, because CDK then refuses a
// removal policy.
func (r *Regional) logRoleRemoval() awscdk.RemovalPolicy {
	if r.settings.APILogRole {
		return awscdk.RemovalPolicy_RETAIN
	}
	return ""
}

// addRoutes adds the routes of every operation, and a preflight to every path.
func (r *Regional) addRoutes(api awsapigateway.RestApi) {
	// The default is five minutes, and a revoked key would stay valid that long.
	const ttlSeconds = 0
	authorizer := newRequestAuthorizer(api, r.functions[operations.Authorizer.Name].lambda, ttlSeconds)
	methods := map[string][]string{}
	for _, op := range operations.All() {
		if op.Name == operations.Console && !r.settings.Console {
			continue
		}
		options := &awsapigateway.MethodOptions{AuthorizationType: awsapigateway.AuthorizationType_NONE}
		if !op.Public {
			options.AuthorizationType, options.Authorizer = awsapigateway.AuthorizationType_CUSTOM, authorizer
		}
		for _, route := range op.Served() {
			methods[route.Path] = append(methods[route.Path], route.Method)
			integration := awsapigateway.NewLambdaIntegration(r.functions[op.Name].lambda, &awsapigateway.LambdaIntegrationOptions{
				// Otherwise the console's test button could call the function and bypass the
				// authorizer.
				AllowTestInvoke: jsii.Bool(false),
			})
			explainMethod(resourceAt(api, route.Path).AddMethod(jsii.String(route.Method), integration, options), op)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(methods)) {
		if slices.Contains(methods[path], operations.Any) {
			methods[path] = []string{operations.Any}
		}
		resourceAt(api, path).AddCorsPreflight(&awsapigateway.CorsOptions{
			AllowOrigins: jsii.Strings(operations.CORSHeaders["Access-Control-Allow-Origin"]),
			AllowHeaders: jsii.Strings(strings.Split(operations.PreflightHeaders, ",")...),
			AllowMethods: jsii.Strings(methods[path]...),
		})
	}
}

// newRequestAuthorizer returns the authorizer of an API's methods. The gateway
// caches its answers for ttlSeconds.
func newRequestAuthorizer(api awsapigateway.RestApi, handler awslambda.IFunction, ttlSeconds int) awsapigateway.IAuthorizer {
	authorizer := awsapigateway.NewRequestAuthorizer(awscdk.Stack_Of(api), jsii.String("RequestAuthorizer"), &awsapigateway.RequestAuthorizerProps{
		Handler:         handler,
		IdentitySources: jsii.Strings(*awsapigateway.IdentitySource_Header(jsii.String("Authorization"))),
		ResultsCacheTtl: awscdk.Duration_Seconds(jsii.Number(ttlSeconds)),
	})
	// A stage shows the API as it was last deployed. CDK deploys it again if one of
	// these changes.
	made := authorizer.Node().DefaultChild().(awsapigateway.CfnAuthorizer)
	api.LatestDeployment().AddToLogicalId([]any{made.Type(), made.AuthorizerUri(), made.IdentitySource(), made.AuthorizerResultTtlInSeconds()})
	return authorizer
}

func resourceAt(api awsapigateway.RestApi, path string) awsapigateway.Resource {
	return api.Root().ResourceForPath(jsii.String(path))
}

// A test fails for a broken rule that is not explained, and for an explained
// rule that is not broken.

func (r *Regional) explainAPI(api awsapigateway.RestApi) {
	explain.Rule(api, "APIG2", "The functions check what they are sent, more strictly than API Gateway can, and name the fields at fault.")
	stage := api.DeploymentStage()
	explain.Rule(stage, "APIG6", "The execution log has headers and bodies in it, with keys. The access log is on, and holds neither.")
	if !r.settings.Firewall {
		explain.Rule(stage, "APIG3", "The firewall is a switch, the setting waf, since it costs while nobody calls.")
	}
	if r.settings.APILogRole {
		role := api.Node().FindChild(jsii.String("CloudWatchRole"))
		explain.Rule(role, "IAM4", "API Gateway needs it to write logs of any API of the account; AWS keeps the policy for that.")
	}
}

func explainMethod(method awsapigateway.Method, op operations.Operation) {
	explain.Rule(method, "COG4", "Keyward is the authorizer: it knows keys, which Cognito does not.")
	if op.Public {
		explain.Rule(method, "APIG4", "It answers anybody, with nothing that is not published: "+op.Summary+".")
	}
}
