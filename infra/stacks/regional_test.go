package stacks

import (
	"bytes"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

// The synthesized templates match the operation table in functions,
// environments, roles, routes, gateway responses, tables and keys. This holds
// for every target, with default settings and with all of them changed.
func TestStacksFollowTheTable(t *testing.T) {
	chosen := one()
	chosen.Name, chosen.LogRetentionDays, chosen.CacheTTLSeconds, chosen.PepperMaxAgeSeconds = "other", 7, 0, 60
	chosen.RequestsPerSecond, chosen.Burst = 5, 6
	chosen.OIDCIssuer, chosen.OIDCAudience, chosen.OIDCClaim, chosen.OIDCOrganization = "https://login.example.com", "keys", "upn", "demo"
	chosen.OIDCVerifiesEmail, chosen.OIDCClientAudience = true, true
	chosen.ConsoleClientID, chosen.ConsoleTokenEndpoint = "console", "https://token.example.net/oauth2/token"
	first := three()
	first.KeyIDs = nil
	unnamed := named(one())
	unnamed.HostedZoneID, unnamed.Console = plan.NoZone, false
	for name, settings := range map[string]plan.Settings{
		"defaults": plan.Defaults(), "chosen": chosen, "named": named(plan.Defaults()), "unnamed": unnamed,
		"three": full(), "three, at first": first, "failing over": two(),
	} {
		t.Run(name, func(t *testing.T) {
			for _, fault := range cfntest.CheckStacks(read(t, synthesize(t, settings)), settings) {
				t.Error(fault)
			}
		})
	}
}

// The check of synthesized templates can fail: it finds and names each of these
// changes.
func TestCheckFindsInPlainTemplates(t *testing.T) {
	good := synthesize(t, plan.Defaults())
	for _, test := range []struct{ old, new, fault string }{
		{`"AuthorizerResultTtlInSeconds":0`, `"AuthorizerResultTtlInSeconds":300`, "cache, in seconds"},
		{`"AuthorizerResultTtlInSeconds":0,`, ``, "cache, in seconds"},
		{`"method.request.header.Authorization"`, `"method.request.querystring.key"`, "identity source"},
		{`"Type":"REQUEST"`, `"Type":"TOKEN"`, "authorizer's type"},
		{`"AuthorizationType":"CUSTOM"`, `"AuthorizationType":"NONE"`, "POST /v1/apikeys is"},
		{`"HttpMethod":"PATCH"`, `"HttpMethod":"ANY"`, "ANY /v1/apikeys/{id} is too much"},
		{`"HttpMethod":"ANY"`, `"HttpMethod":"GET"`, "ANY /enterprise/v2/{proxy+} is missing"},
		{`"PathPart":"enterprise"`, `"PathPart":"team"`, "POST /enterprise/v2/api_key is missing"},
		{`"PathPart":"whoami"`, `"PathPart":"me"`, "GET /v1/whoami is missing"},
		{`"HttpMethod":"OPTIONS"`, `"HttpMethod":"HEAD"`, "preflights: /v1/whoami is missing"},
		{`'POST,GET,HEAD'`, `'POST,GET,HEAD,DELETE'`, "DELETE is too much"},
		{`"StatusCode":"401"`, `"StatusCode":"200"`, "gateway response UNAUTHORIZED"},
		{`"StageName":"live"`, `"StageName":"prod"`, "stage's name"},
		{`"Type":"AWS::Lambda::Permission"`, `"Type":"AWS::Lambda::EventInvokeConfig"`, "who may call whoami: GET/v1/whoami is missing"},
		{`"events.amazonaws.com"`, `"*"`, "SweepPermission's principal"},
		{`"ScheduleExpression":"rate(5 minutes)"`, `"ScheduleExpression":"rate(5 days)"`, "the schedule of"},
		{`"dynamodb:Query"`, `"dynamodb:Scan"`, "dynamodb:Scan on table if dynamodb:LeadingKeys"},
		{`"DeletionPolicy":"RetainExceptOnCreate"`, `"DeletionPolicy":"Delete"`, "PepperKey is not retained"},
		{`"DeletionProtectionEnabled":true`, `"DeletionProtectionEnabled":false`, "deletion protection"},
	} {
		checkChange(t, good, plan.Defaults(), test.old, test.new, test.fault)
	}
}

// checkChange fails the test unless the check finds and names a change of good
// templates.
func checkChange(t *testing.T, good map[string][]byte, settings plan.Settings, from, to, fault string) {
	t.Helper()
	changed := map[string][]byte{}
	for name, data := range good {
		if bad := bytes.ReplaceAll(data, []byte(from), []byte(to)); !bytes.Equal(bad, data) {
			changed[name] = bad
		}
	}
	if len(changed) == 0 {
		t.Errorf("the templates do not contain %s", from)
		return
	}
	bad := maps.Clone(good)
	maps.Copy(bad, changed)
	if faults := strings.Join(cfntest.CheckStacks(read(t, bad), settings), "\n"); !strings.Contains(faults, fault) {
		t.Errorf("%s: the faults do not name %q:\n%s", to, fault, faults)
	}
}

// regional returns the template of the region that the credentials decide.
func regional(t *testing.T, settings plan.Settings) string {
	t.Helper()
	return string(synthesize(t, settings)[settings.RegionalStack("")])
}

// Tracing is off by default. If turned on, it applies to the API and every
// function.
func TestRegionalTracing(t *testing.T) {
	settings := plan.Defaults()
	if data := regional(t, settings); strings.Contains(data, "xray") || strings.Contains(data, `"TracingEnabled":true`) {
		t.Error("tracing is on by default")
	}
	data := regional(t, traced(settings))
	if active := strings.Count(data, `{"Mode":"Active"}`); active != len(plan.Functions()) {
		t.Errorf("%d functions are traced, want %d", active, len(plan.Functions()))
	}
	if !strings.Contains(data, `"TracingEnabled":true`) {
		t.Error("the API is not traced")
	}
}

// If the account has a role for API Gateway's logs, the stack creates none.
func TestRegionalLeavesTheAccountAlone(t *testing.T) {
	settings := plan.Defaults()
	if data := regional(t, settings); !strings.Contains(data, "AWS::ApiGateway::Account") {
		t.Error("the default makes no role for logs, so a first deployment fails")
	}
	settings.APILogRole = false
	if data := regional(t, settings); strings.Contains(data, "AWS::ApiGateway::Account") {
		t.Error("the stack changes the account's settings although told not to")
	}
}

// A deployment uploads each program once, however many functions run it.
func TestAssetsAreShared(t *testing.T) {
	out := t.TempDir()
	if _, err := templates(one(), placeholders(t), out); err != nil {
		t.Fatal(err)
	}
	assets, err := filepath.Glob(filepath.Join(out, "asset.*.zip"))
	if err != nil || len(assets) != len(operations.Programs()) {
		t.Errorf("%d assets, want %d: %v", len(assets), len(operations.Programs()), err)
	}
}

// A program that is not built stops the synthesis with an error.
func TestRegionalNeedsItsFunctions(t *testing.T) {
	if _, err := templates(plan.Defaults(), t.TempDir(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "CDK") {
		t.Errorf("error %v, want CDK's", err)
	}
}

// Another authorizer deploys the API again. Otherwise the stage would go on with
// the old one and its cache settings.
func TestAnotherAuthorizerDeploysAgain(t *testing.T) {
	deployment := func(ttlSeconds int) string {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("stack"), nil)
		api := awsapigateway.NewRestApi(stack, jsii.String("Api"), nil)
		handler := awslambda.Function_FromFunctionName(stack, jsii.String("Handler"), jsii.String("authorizer"))
		api.Root().AddMethod(jsii.String("GET"), nil, &awsapigateway.MethodOptions{Authorizer: newRequestAuthorizer(api, handler, ttlSeconds)})
		found := *assertions.Template_FromStack(stack, nil).FindResources(jsii.String("AWS::ApiGateway::Deployment"), nil)
		return slices.Collect(maps.Keys(found))[0]
	}
	if first, second := deployment(0), deployment(1); first == second || first != deployment(0) {
		t.Errorf("the deployments of 0 and 1 seconds are %s and %s", first, second)
	}
}
