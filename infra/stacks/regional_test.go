package stacks

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/plan"
)

// The synthesized template says what the operation table says: functions, their
// environments and roles, routes, gateway responses, tables and keys; with
// default settings and with all of them changed.
func TestRegionalFollowsTheTable(t *testing.T) {
	chosen := plan.Settings{
		Name: "other", Account: "123456789012", Region: "eu-central-1", LogRetentionDays: 7,
		CacheTTLSeconds: 0, PepperMaxAgeSeconds: 60, RequestsPerSecond: 5, Burst: 6,
		OIDCIssuer: "https://login.example.com", OIDCAudience: "keys", OIDCClaim: "upn", OIDCOrganization: "demo",
	}
	for name, settings := range map[string]plan.Settings{"defaults": plan.Defaults(), "chosen": chosen} {
		t.Run(name, func(t *testing.T) {
			template, err := cfntest.Read(synthesize(t, settings))
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range cfntest.Check(template, settings) {
				t.Error(fault)
			}
		})
	}
}

// The check of a synthesized template is able to fail: each of these changes is
// found, and named.
func TestCheckFindsInPlainTemplates(t *testing.T) {
	good := string(synthesize(t, plan.Defaults()))
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
		{`'POST,GET'`, `'POST,GET,DELETE'`, "DELETE is too much"},
		{`"StatusCode":"401"`, `"StatusCode":"200"`, "gateway response UNAUTHORIZED"},
		{`"StageName":"live"`, `"StageName":"prod"`, "stage's name"},
		{`"Type":"AWS::Lambda::Permission"`, `"Type":"AWS::Lambda::EventInvokeConfig"`, "who may call whoami: GET/v1/whoami is missing"},
		{`"events.amazonaws.com"`, `"*"`, "SweepPermission's principal"},
		{`"ScheduleExpression":"rate(5 minutes)"`, `"ScheduleExpression":"rate(5 days)"`, "the schedule of"},
		{`"dynamodb:Query"`, `"dynamodb:Scan"`, "dynamodb:Scan on table is too much"},
		{`"DeletionProtectionEnabled":true`, `"DeletionProtectionEnabled":false`, "deletion protection"},
	} {
		bad := strings.ReplaceAll(good, test.old, test.new)
		if bad == good {
			t.Errorf("the template does not contain %s", test.old)
			continue
		}
		template, err := cfntest.Read([]byte(bad))
		if err != nil {
			t.Errorf("%s: %v", test.new, err)
			continue
		}
		if faults := strings.Join(cfntest.Check(template, plan.Defaults()), "\n"); !strings.Contains(faults, test.fault) {
			t.Errorf("%s: the faults do not name %q:\n%s", test.new, test.fault, faults)
		}
	}
}

// Tracing is a switch: it is off unless asked for, and on it reaches the API and
// every function.
func TestRegionalTracing(t *testing.T) {
	settings := plan.Defaults()
	if data := string(synthesize(t, settings)); strings.Contains(data, "xray") || strings.Contains(data, `"TracingEnabled":true`) {
		t.Error("tracing is on by default")
	}
	settings.Tracing = true
	data := string(synthesize(t, settings))
	if active := strings.Count(data, `{"Mode":"Active"}`); active != len(plan.Functions()) {
		t.Errorf("%d functions are traced, want %d", active, len(plan.Functions()))
	}
	if !strings.Contains(data, `"TracingEnabled":true`) {
		t.Error("the API is not traced")
	}
}

// Where the account has a role for API Gateway's logs, the stack makes none.
func TestRegionalLeavesTheAccountAlone(t *testing.T) {
	settings := plan.Defaults()
	if data := string(synthesize(t, settings)); !strings.Contains(data, "AWS::ApiGateway::Account") {
		t.Error("the default makes no role for logs, so a first deployment fails")
	}
	settings.APILogRole = false
	if data := string(synthesize(t, settings)); strings.Contains(data, "AWS::ApiGateway::Account") {
		t.Error("the stack changes the account's settings although told not to")
	}
}

// A function that is not built stops the synthesis with an error.
func TestRegionalNeedsItsFunctions(t *testing.T) {
	if _, err := template(plan.Defaults(), t.TempDir(), t.TempDir()); err == nil || !strings.Contains(err.Error(), "CDK") {
		t.Errorf("error %v, want CDK's", err)
	}
}
