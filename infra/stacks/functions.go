package stacks

import (
	"path/filepath"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/nag/explain"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// function is a planned function and its construct.
type function struct {
	plan.Function
	lambda awslambda.Function
	logs   awslogs.LogGroup
}

func (r *Regional) newFunction(planned plan.Function, api awsapigateway.RestApi) function {
	logs := r.newLogGroup(planned.LogicalID + "Logs")
	tracing := awslambda.Tracing_DISABLED
	if r.settings.Tracing {
		tracing = awslambda.Tracing_ACTIVE
	}
	lambda := awslambda.NewFunction(r.Stack, jsii.String(planned.LogicalID+"Function"), &awslambda.FunctionProps{
		FunctionName: jsii.String(r.settings.Name + "-" + planned.Name),
		Description:  jsii.String(planned.Summary),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String(planned.Name),
		Code:         awslambda.Code_FromAsset(jsii.String(filepath.Join(r.assets, planned.Program()+".zip")), nil),
		MemorySize:   jsii.Number(planned.MemoryMB),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(planned.TimeoutSeconds)),
		Environment:  r.environment(planned.Operation, api),
		// Nothing, including CDK, may add to the role beyond the plan.
		Role:     r.newRole(planned, logs).WithoutPolicyUpdates(nil),
		LogGroup: logs,
		Tracing:  tracing,
	})
	return function{planned, lambda, logs}
}

// newRole returns a role that may do what the operation table says and write the
// function's own log. CDK's grants and the AWS managed basic role would both
// allow more.
func (r *Regional) newRole(planned plan.Function, logs awslogs.LogGroup) awsiam.Role {
	statements := []awsiam.PolicyStatement{awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Sid:       jsii.String("OwnLog"),
		Actions:   jsii.Strings("logs:CreateLogStream", "logs:PutLogEvents"),
		Resources: &[]*string{logs.LogGroupArn()},
	})}
	if r.settings.Tracing {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid: jsii.String("Tracing"), Actions: jsii.Strings(plan.TracingActions...), Resources: jsii.Strings("*"),
		}))
	}
	for _, statement := range plan.Statements(planned.Operation, r.settings.Name, r.keyRegions(planned.Operation)...) {
		statements = append(statements, awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String(statement.Sid),
			Actions:    jsii.Strings(statement.Actions...),
			Resources:  r.resourceARNs(statement.Resource, planned.Operation, r.place),
			Conditions: conditions(statement.Conditions),
		}))
	}
	role := awsiam.NewRole(r.Stack, jsii.String(planned.LogicalID+"Role"), &awsiam.RoleProps{
		Description: jsii.String("Keyward: " + planned.Name),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"Access": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
		},
	})
	if r.settings.Tracing {
		explain.Rule(role, "IAM5", "The actions of X-Ray know no narrower resource.")
	} else if planned.Stream != "" {
		explain.Rule(role, "IAM5", "A stream's name is the time of its creation, and listing the streams of a table needs them all.")
	}
	return role
}

// keyRegions returns the names of the regions whose table keys a function uses.
func (r *Regional) keyRegions(op operations.Operation) (names []string) {
	for _, region := range r.settings.KeyRegions(op, r.place) {
		names = append(names, r.named(region))
	}
	return names
}

func conditions(all iam.Conditions) *map[string]any {
	blocks := map[string]any{}
	for operator, keys := range all {
		blocks[operator] = keys
	}
	return &blocks
}

func (r *Regional) environment(op operations.Operation, api awsapigateway.RestApi) *map[string]*string {
	values := map[string]*string{
		operations.EnvHomeRegion:    jsii.String(r.named(r.settings.HomeRegion())),
		operations.EnvTable:         jsii.String(r.settings.Name),
		operations.EnvReplicas:      jsii.String(r.settings.ReplicaTables()),
		operations.EnvAuditTable:    jsii.String(r.settings.AuditTable()),
		operations.EnvSecretsTable:  jsii.String(r.settings.SecretsTable()),
		operations.EnvUsageTable:    jsii.String(r.settings.UsageTable()),
		operations.EnvPepperKey:     r.keyARN(operations.PepperKey, r.place),
		operations.EnvSecretsKey:    r.keyARN(operations.SecretsKey, r.place),
		operations.EnvCacheTTL:      jsii.String(strconv.Itoa(r.settings.CacheTTLSeconds)),
		operations.EnvUsageInterval: jsii.String(strconv.Itoa(operations.UsageInterval.Default)),
		operations.EnvPepperMaxAge:  jsii.String(strconv.Itoa(r.settings.PepperMaxAgeSeconds)),
		// This is no dependency cycle: the API's methods and authorizer are separate
		// resources, so the API itself depends on no function.
		operations.EnvManagementAPI: jsii.String(*r.Account() + "/" + *api.RestApiId()),

		operations.EnvGitHubKeys:         jsii.String(r.settings.GitHubKeysURL),
		operations.EnvOIDCIssuer:         jsii.String(r.settings.OIDCIssuer),
		operations.EnvOIDCAudience:       jsii.String(r.settings.OIDCAudience),
		operations.EnvOIDCClaim:          jsii.String(r.settings.OIDCClaim),
		operations.EnvOIDCVerifiesEmail:  jsii.String(operations.Switch(r.settings.OIDCVerifiesEmail)),
		operations.EnvOIDCClientAudience: jsii.String(operations.Switch(r.settings.OIDCClientAudience)),
		operations.EnvOIDCOrganization:   jsii.String(r.settings.OIDCOrganization),
		operations.EnvConsoleClient:      jsii.String(r.settings.ConsoleClientID),
		operations.EnvConsoleTokens:      jsii.String(r.settings.ConsoleTokenEndpoint),
		operations.EnvEventBus:           jsii.String(r.settings.EventBus),
		operations.EnvDomain:             jsii.String(r.settings.Domain),
		operations.EnvMetrics:            jsii.String(operations.Switch(r.settings.Metrics)),
	}
	environment := map[string]*string{}
	for name, value := range plan.Concurrency {
		environment[name] = jsii.String(value)
	}
	for _, name := range op.Environment {
		value, ok := values[name]
		if !ok {
			panic("stacks: the operation table names an unknown variable: " + name)
		}
		environment[name] = value
	}
	return &environment
}

// newLogGroup returns a log group that outlives the stack, unless the deployment
// that created it fails.
func (r *Regional) newLogGroup(id string) awslogs.LogGroup {
	group := awslogs.NewLogGroup(r.Stack, jsii.String(id), &awslogs.LogGroupProps{
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE,
	})
	// The construct takes the period as an enum ("THREE_MONTHS") of 22 values.
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(r.settings.LogRetentionDays))
	return group
}
