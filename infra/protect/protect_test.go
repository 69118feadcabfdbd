package protect

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsappsync"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// All tests share one jsii process, which takes seconds to start.
func TestMain(m *testing.M) {
	_ = os.Setenv("JSII_DEPRECATED", "fail") // a user would be shown it at each synthesis
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

const authorizerARN = "arn:aws:lambda:eu-central-1:123456789012:function:keyward-authorizer"

// app is a small app that protects a REST API with one route.
type app struct {
	awscdk.App
	stack   awscdk.Stack
	api     awsapigateway.RestApi
	list    awsapigateway.Method
	keyward *Keyward
	// rooms and graphs are further APIs, for the tests that need them.
	rooms  awsapigatewayv2.HttpApi
	graphs awsappsync.GraphqlApi
}

// newApp returns an app that deploys to an account; empty means any.
func newApp(account string) *app { return newAppIn(account, "eu-central-1") }

func newAppIn(account, region string) *app {
	a := &app{App: awscdk.NewApp(&awscdk.AppProps{AnalyticsReporting: jsii.Bool(false)})}
	props := &awscdk.StackProps{}
	if account != "" {
		props.Env = &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)}
	}
	a.stack = awscdk.NewStack(a.App, jsii.String("stack"), props)
	a.api = awsapigateway.NewRestApi(a.stack, jsii.String("Api"), &awsapigateway.RestApiProps{CloudWatchRole: jsii.Bool(false)})
	a.list = a.add("GET", "/files")
	a.keyward = Connect(a.stack, "Keyward", Deployment{authorizerARN, "https://keys.example.com/live", a.secret()})
	return a
}

func (a *app) secret() awssecretsmanager.ISecret {
	return awssecretsmanager.Secret_FromSecretCompleteArn(a.stack, jsii.String(fmt.Sprint("Key", len(*a.stack.Node().Children()))),
		jsii.String("arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a1b2c3"))
}

// add adds a route to the API.
func (a *app) add(method, path string) awsapigateway.Method {
	return a.api.Root().ResourceForPath(jsii.String(path)).AddMethod(jsii.String(method), awsapigateway.NewMockIntegration(nil), nil)
}

// files returns a valid service, modified by the changes.
func (a *app) files(changes ...func(*Service)) Service {
	s := Service{
		ID: "files", APIs: []API{REST(a.api)},
		Permissions: map[string]string{"ViewFiles": "See files"},
		Routes:      Routes{"GET /files": Needs("ViewFiles")},
	}
	for _, change := range changes {
		change(&s)
	}
	return s
}

// template returns a stack's template, or the error of the synthesis.
func (a *app) template() (t template, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
	}()
	data, err := json.Marshal(assertions.Template_FromStack(a.stack, nil).ToJSON())
	if err == nil {
		err = json.Unmarshal(data, &t)
	}
	return t, err
}

// must returns the template of an app without faults.
func (a *app) must(t *testing.T) template {
	t.Helper()
	made, err := a.template()
	if err != nil {
		t.Fatal(err)
	}
	return made
}

type template struct {
	Resources map[string]resource
	Outputs   map[string]any
}

type resource struct {
	Type       string
	Condition  string
	Properties map[string]any
}

// only returns the only resource of a type, with its logical id.
func (t template) only(test *testing.T, kind string) (id string, r resource) {
	test.Helper()
	n := 0
	for name, found := range t.Resources {
		if found.Type == kind {
			id, r, n = name, found, n+1
		}
	}
	if n != 1 {
		test.Fatalf("%d resources of type %s, want 1", n, kind)
	}
	return id, r
}

// asJSON returns a value as JSON.
func asJSON(value any) string {
	data, _ := json.Marshal(value)
	return string(data)
}

// A route asks the authorizer, whether it was added before or after the
// construct, in the API's stack or in another.
func TestEveryRouteAsks(t *testing.T) {
	a := newApp("")
	a.keyward.Protect("Files", a.files(func(s *Service) { s.Routes["POST /later"], s.Routes["GET /open"] = AnyKey(), Public() }))
	a.add("POST", "/later")
	a.add("GET", "/open")
	made := a.must(t)
	authorizer, _ := made.only(t, "AWS::ApiGateway::Authorizer")
	asked := 0
	for id, r := range made.Resources {
		if r.Type != "AWS::ApiGateway::Method" {
			continue
		}
		open := strings.Contains(id, "open")
		if kind := r.Properties["AuthorizationType"]; (kind == "NONE") != open || (kind == "CUSTOM") == open {
			t.Errorf("%s: authorization %v", id, kind)
		}
		if asks := asJSON(r.Properties["AuthorizerId"]) == asJSON(map[string]string{"Ref": authorizer}); asks == open {
			t.Errorf("%s: authorizer %v", id, r.Properties["AuthorizerId"])
		} else if asks {
			asked++
		}
	}
	if asked != 2 {
		t.Errorf("%d routes ask the authorizer, want 2", asked)
	}
}

// A preflight needs no entry in the routes and no key, unless a function answers
// it.
func TestPreflights(t *testing.T) {
	a := newApp("")
	files := a.api.Root().ResourceForPath(jsii.String("/files"))
	files.AddCorsPreflight(&awsapigateway.CorsOptions{AllowOrigins: jsii.Strings("*")})
	a.keyward.Protect("Files", a.files())
	a.must(t)

	b := newApp("")
	b.api.Root().ResourceForPath(jsii.String("/files")).AddMethod(jsii.String("OPTIONS"), awsapigateway.NewHttpIntegration(jsii.String("https://example.com"), nil), nil)
	b.keyward.Protect("Files", b.files())
	if _, err := b.template(); err == nil || !strings.Contains(err.Error(), "OPTIONS /files is not in Service.Routes") {
		t.Errorf("error %v", err)
	}
}

// A change of the authorization deploys the stage again, because it would go on
// serving the earlier routes.
func TestChangesAreDeployed(t *testing.T) {
	seen := map[string]int{}
	for i, change := range []func(*Service){
		func(*Service) {},
		func(s *Service) { s.Routes["GET /files"] = Public() },
		func(s *Service) { s.CacheSeconds = 60 },
		func(s *Service) { s.CacheSeconds = 61 },
	} {
		a := newApp("")
		a.keyward.Protect("Files", a.files(change))
		id, _ := a.must(t).only(t, "AWS::ApiGateway::Deployment")
		if before, again := seen[id]; again {
			t.Errorf("changes %d and %d are one deployment", before, i)
		}
		seen[id] = i
	}
}

// By default the gateway caches no answer. If told to, it caches for the same
// route, address and host only, and the registration says the same.
func TestCache(t *testing.T) {
	for seconds, want := range map[int]struct{ sources, told string }{
		0:    {"method.request.header.Authorization", `{"seconds":0}`},
		3600: {"method.request.header.Authorization,context.resourcePath,context.httpMethod,context.identity.sourceIp,context.domainName", `{"by":["route","source","host"],"seconds":3600}`},
	} {
		a := newApp("")
		a.keyward.Protect("Files", a.files(func(s *Service) { s.CacheSeconds = seconds }))
		made := a.must(t)
		_, authorizer := made.only(t, "AWS::ApiGateway::Authorizer")
		if ttl := authorizer.Properties["AuthorizerResultTtlInSeconds"]; ttl != float64(seconds) {
			t.Errorf("TTL %v, want %d", ttl, seconds)
		}
		if got := authorizer.Properties["IdentitySource"]; got != want.sources {
			t.Errorf("identity sources %v, want %s", got, want.sources)
		}
		_, registration := made.only(t, "Custom::KeywardService")
		if got := asJSON(registration.Properties["Service"].(map[string]any)["gatewayCache"]); got != want.told {
			t.Errorf("Keyward is told %s, want %s", got, want.told)
		}
	}
}

// The API may call the authorizer. If both are in one account, a permission
// allows it; if not, an entry in Keyward's own settings. If the app does not
// say, CloudFormation decides at deployment.
func TestWhoLetsTheAPICall(t *testing.T) {
	for account, want := range map[string]struct {
		permissions, outputs int
		condition            string
	}{
		"123456789012": {1, 0, ""},
		"210987654321": {0, 1, ""},
		"":             {1, 1, "KeywardIn123456789012"},
	} {
		a := newApp(account)
		a.keyward.Protect("Files", a.files())
		made := a.must(t)
		permissions, outputs := 0, 0
		for _, r := range made.Resources {
			if r.Type == "AWS::Lambda::Permission" && r.Properties["FunctionName"] == authorizerARN {
				permissions++
				if r.Condition != want.condition || !strings.Contains(asJSON(r.Properties["SourceArn"]), `"/authorizers/",{"Ref":"ApiKeywardAuthorizer`) {
					t.Errorf("%q: the permission is %+v", account, r)
				}
			}
		}
		for id, output := range made.Outputs {
			if strings.Contains(id, "KeywardGuardedApi") {
				outputs++
				if !strings.Contains(asJSON(output), `\"kind\":\"rest\"`) {
					t.Errorf("%q: the output is %v", account, output)
				}
			}
		}
		if permissions != want.permissions || outputs != want.outputs {
			t.Errorf("%q: %d permissions, %d outputs; want %+v", account, permissions, outputs, want)
		}
	}
}

// The registering function may only write its own log and read its one secret.
func TestRegisterReadsOneSecret(t *testing.T) {
	made := newApp("123456789012").must(t)
	_, policy := made.only(t, "AWS::IAM::Policy")
	for _, statement := range policy.Properties["PolicyDocument"].(map[string]any)["Statement"].([]any) {
		s := statement.(map[string]any)
		switch text := asJSON(s["Action"]) + asJSON(s["Resource"]); {
		case text == `["secretsmanager:GetSecretValue","secretsmanager:DescribeSecret"]"arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a1b2c3"`:
		case strings.HasPrefix(text, `["logs:CreateLogStream","logs:PutLogEvents"]{"Fn::GetAtt":["KeywardLogs`):
		default:
			t.Errorf("the role has %s", text)
		}
	}
	_, role := made.only(t, "AWS::IAM::Role")
	if role.Properties["ManagedPolicyArns"] != nil {
		t.Error("the role has managed policies")
	}
	if _, logs := made.only(t, "AWS::Logs::LogGroup"); logs.Properties["RetentionInDays"] != 90.0 {
		t.Errorf("the log is kept %v days", logs.Properties["RetentionInDays"])
	}
}

// Anything that inspects a complete app, as cdk-nag does, sees that its routes
// ask, wherever the app put the API and whichever came first.
func TestRoutesAskBeforeOthersLook(t *testing.T) {
	a := newApp("")
	saw := &looking{}
	awscdk.Aspects_Of(a.App).Add(saw, nil)
	a.keyward.Protect("Files", a.files())
	a.must(t)
	if len(saw.kinds) != 1 || saw.kinds[0] != "CUSTOM" {
		t.Errorf("methods were seen with authorization %q, want one with CUSTOM", saw.kinds)
	}
}

// looking is an aspect that records the methods' authorization.
type looking struct{ kinds []string }

// Visit looks at one construct.
func (l *looking) Visit(node constructs.IConstruct) {
	if method, ok := node.(awsapigateway.CfnMethod); ok {
		l.kinds = append(l.kinds, text(method.AuthorizationType()))
	}
}
