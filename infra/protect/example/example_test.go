package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/cfntest"
	"github.com/keyward/keyward/infra/nag"
	"github.com/keyward/keyward/shared/operations"
)

// All tests read one template of one jsii process, which takes seconds to start.
var (
	template *cfntest.Template
	file     string
	folder   string
)

func TestMain(m *testing.M) {
	_ = os.Setenv("JSII_DEPRECATED", "fail") // a user would be shown it at each synthesis
	os.Exit(run(m))
}

func run(m *testing.M) int {
	defer jsii.Close()
	var err error
	if folder, err = os.MkdirTemp("", "keyward-example"); err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(folder), AnalyticsReporting: jsii.Bool(false)})
	nag.Add(app)
	addExample(app, "example")
	app.Synth(nil)
	file = filepath.Join(folder, "example.template.json")
	data, err := os.ReadFile(file)
	if err != nil {
		panic(err)
	}
	if template, err = cfntest.Read(data); err != nil {
		panic(err)
	}
	return m.Run()
}

// each calls see for every resource of a type, as JSON, and expects n of them.
func each(t *testing.T, kind string, n int, see func(id string, properties map[string]any, text string)) {
	t.Helper()
	for id, r := range template.Resources {
		if r.Type != kind {
			continue
		}
		text, err := json.Marshal(r.Properties)
		if err != nil {
			t.Fatal(err)
		}
		properties, _ := r.Properties.(map[string]any)
		see(id, properties, string(text))
		n--
	}
	if n != 0 {
		t.Errorf("%s: %d are missing", kind, n)
	}
}

const (
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:keyward-authorizer"
	functionURI = "arn:aws:apigateway:eu-central-1:lambda:path/2015-03-31/functions/" + functionARN + "/invocations"
)

// Every route that is not public or a preflight asks the authorizer of its own
// API.
func TestRoutesAsk(t *testing.T) {
	open := 0
	each(t, "AWS::ApiGateway::Method", 10, func(id string, m map[string]any, _ string) {
		if m["HttpMethod"] == "OPTIONS" || strings.Contains(id, "health") {
			open++
			if m["AuthorizationType"] != "NONE" {
				t.Errorf("%s asks", id)
			}
			return
		}
		if to, _ := m["AuthorizerId"].(string); m["AuthorizationType"] != "CUSTOM" || !strings.HasPrefix(to, "${FilesApiKeywardAuthorizer") {
			t.Errorf("%s: %v, %q", id, m["AuthorizationType"], to)
		}
	})
	if open != 6 {
		t.Errorf("%d methods are open, want 5 preflights and GET /health", open)
	}
	each(t, "AWS::ApiGatewayV2::Route", 4, func(id string, r map[string]any, _ string) {
		message := strings.HasPrefix(id, "ChatApi") && r["RouteKey"] == "$default"
		to, _ := r["AuthorizerId"].(string)
		if asks := r["AuthorizationType"] == "CUSTOM" && strings.HasPrefix(to, "${"+id[:len("Chat")]); asks == message {
			t.Errorf("%s: %v, %q", id, r["AuthorizationType"], to)
		}
	})
	each(t, "AWS::AppSync::GraphQLApi", 1, func(_ string, g map[string]any, text string) {
		if g["AuthenticationType"] != "AWS_LAMBDA" || !strings.Contains(text, `"LambdaAuthorizerConfig":{"AuthorizerResultTtlInSeconds":0,"AuthorizerUri":"`+functionARN+`"}`) {
			t.Errorf("the GraphQL API is %s", text)
		}
	})
	each(t, "AWS::AppSync::ApiKey", 0, func(id string, _ map[string]any, _ string) { t.Errorf("%s is a way around Keyward", id) })
}

// The authorizers say how they are asked, and how long an answer is kept.
func TestAuthorizers(t *testing.T) {
	each(t, "AWS::ApiGateway::Authorizer", 1, func(_ string, a map[string]any, text string) {
		if a["Type"] != "REQUEST" || a["AuthorizerUri"] != functionURI || text == "" ||
			!strings.Contains(text, `"AuthorizerResultTtlInSeconds":60`) || !strings.Contains(text, "method.request.header.Authorization,context.resourcePath,") {
			t.Errorf("the REST authorizer is %s", text)
		}
	})
	each(t, "AWS::ApiGatewayV2::Authorizer", 2, func(id string, a map[string]any, text string) {
		want := []string{`"AuthorizerResultTtlInSeconds":0`, `"AuthorizerPayloadFormatVersion":"2.0"`, `"EnableSimpleResponses":true`, `["$request.header.Authorization"]`}
		if strings.HasPrefix(id, "ChatApi") {
			want = []string{`["route.request.header.Authorization"]`}
		}
		for _, part := range append(want, functionURI, `"AuthorizerType":"REQUEST"`) {
			if !strings.Contains(text, part) {
				t.Errorf("%s: %s is missing in %v", id, part, a)
			}
		}
	})
}

// Each API, and nothing else, may call the authorizer, each under its own ARN.
func TestPermissions(t *testing.T) {
	sources := map[string]bool{}
	each(t, "AWS::Lambda::Permission", 4, func(id string, p map[string]any, _ string) {
		source, _ := p["SourceArn"].(string)
		principal := "apigateway.amazonaws.com"
		if strings.HasPrefix(id, "GraphApi") {
			principal = "appsync.amazonaws.com"
		}
		if p["FunctionName"] != functionARN || p["Action"] != "lambda:InvokeFunction" || p["Principal"] != principal || strings.Contains(source, "*") {
			t.Errorf("%s: %v", id, p)
		}
		if !strings.Contains(source, "/authorizers/${"+id[:4]) && !strings.HasSuffix(source, ":apis/${"+idOf(source)+".ApiId}") {
			t.Errorf("%s: source %s", id, source)
		}
		sources[source] = true
	})
	if len(sources) != 4 {
		t.Errorf("%d sources, want 4", len(sources))
	}
}

// idOf returns the logical id in the last reference of a text.
func idOf(text string) string {
	_, last, _ := strings.Cut(text[strings.LastIndex(text, "/"):], "${")
	id, _, _ := strings.Cut(last, ".")
	return id
}

// The REST API's gateway responses are Keyward's.
func TestGatewayResponses(t *testing.T) {
	want := map[string]operations.GatewayResponse{}
	for _, r := range operations.GatewayResponses() {
		want[r.Type] = r
	}
	each(t, "AWS::ApiGateway::GatewayResponse", len(want), func(id string, r map[string]any, _ string) {
		kind, _ := r["ResponseType"].(string)
		templates, _ := r["ResponseTemplates"].(map[string]any)
		headers, _ := r["ResponseParameters"].(map[string]any)
		if templates["application/json"] != want[kind].Body || len(headers) != len(want[kind].Headers) {
			t.Errorf("%s: %v", id, r)
		}
		for name, value := range want[kind].Headers {
			if headers["gatewayresponse.header."+name] != "'"+value+"'" {
				t.Errorf("%s: header %s is %v", id, name, headers["gatewayresponse.header."+name])
			}
		}
	})
}

// Both services are registered with Keyward, with their APIs, permissions and
// routes, but without the public routes.
func TestRegistrations(t *testing.T) {
	each(t, "Custom::KeywardService", 2, func(_ string, s map[string]any, text string) {
		service, _ := s["Service"].(map[string]any)
		want := map[any][]string{
			"files": {
				`"gatewayCache":{"by":["route","source","host"],"seconds":60}`, `{"method":"GET","path":"/me","permissions":[]}`,
				`{"method":"GET","path":"/files","permissions":["ViewFiles","ManageFiles"]}`,
				`"permissions":[{"description":"Add and remove files","name":"ManageFiles"},{"description":"See files","name":"ViewFiles"}]`,
			},
			"chat": {
				`{"method":"ANY","path":"$default","permissions":[]}`, `{"method":"GET","path":"$connect","permissions":["Chat"]}`,
				`{"method":"POST","path":"/graphql","permissions":["Chat"]}`, `"name":"Chat rooms"`,
				`{"account":"${AWS::AccountId}","id":"${GraphApi`, `"region":"${AWS::Region}"}`,
			},
		}[service["id"]]
		if len(want) == 0 || strings.Contains(text, "/health") {
			t.Errorf("the service is %s", text)
		}
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s is missing in %s", part, text)
			}
		}
	})
}

// CloudFormation accepts the example: its resource types, properties and values
// match AWS's specification.
func TestTemplateLints(t *testing.T) {
	specification, err := cfntest.ReadSpecification("../..")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range specification.Lint(data) {
		t.Error(fault)
	}
}

// cdk-nag finds nothing in the example that is not explained at its resource.
func TestPassesNag(t *testing.T) {
	faults, err := nag.Faults(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults {
		t.Error(fault)
	}
}
