package protect

import (
	"cmp"
	_ "embed" // holds register.js

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/routing"
)

// registerCode is within what CloudFormation takes inline, 4,096 characters, so
// that an app that imports this package has no asset to publish.
//
//go:embed register.js
var registerCode string

// registerSeconds is enough for every retry. CloudFormation waits a little
// longer, instead of its usual hour.
const registerSeconds = 60

// newRegister returns the function that registers services. It may only write
// its own log and read the one secret.
func (k *Keyward) newRegister() awslambda.Function {
	logs := awslogs.NewLogGroup(k.Construct, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention: awslogs.RetentionDays_THREE_MONTHS, RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	role := awsiam.NewRole(k.Construct, jsii.String("Role"), &awsiam.RoleProps{
		Description: jsii.String("Registers services with Keyward"),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	k.deployment.Key.GrantRead(role, nil)
	return awslambda.NewFunction(k.Construct, jsii.String("Register"), &awslambda.FunctionProps{
		Description:  jsii.String("Registers services with Keyward when they are deployed"),
		Runtime:      awslambda.Runtime_NODEJS_24_X(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("index.handler"),
		Code:         awslambda.Code_FromInline(jsii.String(registerCode)),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(registerSeconds)),
		Role:         role,
		LogGroup:     logs,
	})
}

// registerService registers a service, and again whenever its definition
// changes.
func (k *Keyward) registerService(scope constructs.Construct, s Service) {
	service := map[string]any{
		"id": s.ID, "name": cmp.Or(s.Name, s.ID), "permissions": s.declared(), "routes": toldRoutes(s.Routes.registered()), "apis": told(s.APIs),
	}
	// Send it even if nothing is cached: an absent value would stay as it is.
	cache := map[string]any{"seconds": s.CacheSeconds}
	if s.CacheSeconds > 0 {
		cache["by"] = cachedBy
	}
	service["gatewayCache"] = cache
	awscdk.NewCustomResource(scope, jsii.String("Service"), &awscdk.CustomResourceProps{
		ServiceToken:   k.register,
		ResourceType:   jsii.String("Custom::KeywardService"),
		ServiceTimeout: awscdk.Duration_Seconds(jsii.Number(registerSeconds + 30)),
		Properties:     &map[string]any{"Url": k.deployment.URL, "Secret": k.deployment.Key.SecretArn(), "Service": service},
	})
}

// toldRoutes returns the routes as Keyward registers them.
func toldRoutes(routes []routing.Route) []map[string]any {
	all := []map[string]any{}
	for _, r := range routes {
		all = append(all, map[string]any{"method": r.Method, "path": r.Path, "permissions": append([]string{}, r.Permissions...)})
	}
	return all
}

// told returns the APIs as Keyward registers them.
func told(apis []API) (all []map[string]*string) {
	for _, api := range apis {
		stack := awscdk.Stack_Of(api.construct())
		one := map[string]*string{"account": stack.Account(), "id": api.id()}
		if api.regional() {
			one["region"] = stack.Region()
		}
		all = append(all, one)
	}
	return all
}
