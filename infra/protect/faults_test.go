package protect

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsappsync"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Each fault of a service stops the synthesis, and names the setting.
func TestFaults(t *testing.T) {
	for want, change := range map[string]func(*app, *Service){
		"Service.ID: want a name":                                      func(_ *app, s *Service) { s.ID = "" },
		"Service.APIs: want 1 to 20":                                   func(_ *app, s *Service) { s.APIs = nil },
		"Service.APIs[1]: there is none":                               func(_ *app, s *Service) { s.APIs = append(s.APIs, REST(nil)) },
		"Service.Routes: there are none":                               func(_ *app, s *Service) { s.Routes = nil },
		`Service.Routes["/files"]: want a method`:                      func(_ *app, s *Service) { s.Routes["/files"] = AnyKey() },
		`Service.Routes["GET /files"]: say Needs`:                      func(_ *app, s *Service) { s.Routes["GET /files"] = Access{} },
		`Service.Routes["GET /files"]: the permission "View"`:          func(_ *app, s *Service) { s.Routes["GET /files"] = Needs("View") },
		`Service.Routes["PUT /files"]: no API of the service`:          func(_ *app, s *Service) { s.Routes["PUT /files"] = AnyKey() },
		`Service.Routes["GET /a*b"]: Keyward would refuse it: path`:    func(_ *app, s *Service) { s.Routes["GET /a*b"] = AnyKey() },
		`Service.Permissions["View files"]: Keyward would refuse`:      func(_ *app, s *Service) { s.Permissions["View files"] = "" },
		"Service.Name: Keyward would refuse it: name can have at most": func(_ *app, s *Service) { s.Name = strings.Repeat("n", 200) },
		"Service.CacheSeconds: want 0 to 3600, not -1":                 func(_ *app, s *Service) { s.CacheSeconds = -1 },
		"Service.CacheSeconds: want 0 to 3600, not 3601":               func(_ *app, s *Service) { s.CacheSeconds = 3601 },
		"Service.APIs[0]: PUT /files is not in Service.Routes":         func(a *app, _ *Service) { a.add("PUT", "/files") },
		"Service.APIs[0]: ANY /{proxy+} is not in Service.Rout":        func(a *app, _ *Service) { a.api.Root().AddProxy(nil) },
		"Service.APIs[0]: PUT /files asks somebody else": func(a *app, s *Service) {
			a.add("PUT", "/files").Node().DefaultChild().(awsapigateway.CfnMethod).SetAuthorizationType(jsii.String("AWS_IAM"))
			s.Routes["PUT /files"] = AnyKey()
		},
		"Service.APIs[0]: has a Deployment of its own": func(a *app, _ *Service) {
			awsapigateway.NewDeployment(a.stack, jsii.String("Other"), &awsapigateway.DeploymentProps{Api: a.api})
		},
		"Service.APIs[0]: with Deploy false, a stage could keep running": func(a *app, s *Service) {
			s.APIs[0] = REST(awsapigateway.NewRestApi(a.stack, jsii.String("Still"), &awsapigateway.RestApiProps{Deploy: jsii.Bool(false)}))
		},
		"Service.APIs[1]: the API stack/Api is listed twice": func(_ *app, s *Service) { s.APIs = append(s.APIs, s.APIs[0]) },
		"is protected twice": func(a *app, s *Service) { a.keyward.Protect("Before", *s) },
		"Service.APIs[1]: it has no route that could ask Keyward; a WebSocket API needs $connect": func(a *app, s *Service) {
			s.APIs = append(s.APIs, WebSocket(awsapigatewayv2.NewWebSocketApi(a.stack, jsii.String("Chat"), nil)))
		},
		"Service.APIs[1]: the HTTP API is made from a document": func(a *app, s *Service) {
			api := awsapigatewayv2.NewHttpApi(a.stack, jsii.String("Rooms"), nil)
			api.Node().DefaultChild().(awsapigatewayv2.CfnApi).SetTarget(jsii.String("https://example.com"))
			s.APIs = append(s.APIs, HTTP(api))
		},
		"Service.APIs[0]: POST /graphql is Public, and asks Keyward all the same": func(a *app, s *Service) {
			s.APIs, s.Routes = []API{AppSync(a.graph(nil))}, Routes{"POST /graphql": Public()}
		},
		"Service.APIs[1]: the AppSync API has a mode of authorization of its own": func(a *app, s *Service) {
			s.APIs = append(s.APIs, AppSync(a.graph(&awsappsync.AuthorizationConfig{
				DefaultAuthorization: &awsappsync.AuthorizationMode{AuthorizationType: awsappsync.AuthorizationType_IAM},
			})))
		},
		"Service.APIs[1]: the AppSync API has additional modes": func(a *app, s *Service) {
			s.APIs = append(s.APIs, AppSync(a.graph(&awsappsync.AuthorizationConfig{
				AdditionalAuthorizationModes: &[]*awsappsync.AuthorizationMode{{AuthorizationType: awsappsync.AuthorizationType_IAM}},
			})))
		},
	} {
		a := newApp("")
		service := a.files()
		change(a, &service)
		a.keyward.Protect("Files", service)
		if _, err := a.template(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s\ngot %v", want, err)
		}
	}
}

func (a *app) graph(modes *awsappsync.AuthorizationConfig) awsappsync.GraphqlApi {
	return awsappsync.NewGraphqlApi(a.stack, jsii.String("Graph"), &awsappsync.GraphqlApiProps{
		Name: jsii.String("graph"), Definition: awsappsync.Definition_FromFile(jsii.String("example/schema.graphql")), AuthorizationConfig: modes,
	})
}

// Synthesis accepts every path that the registration accepts.
func TestPathWithDollar(t *testing.T) {
	a := newApp("")
	a.add("GET", "/odata/$metadata")
	a.keyward.Protect("Files", a.files(func(s *Service) { s.Routes["GET /odata/$metadata"] = AnyKey() }))
	if !strings.Contains(asJSON(a.must(t)), `"path":"/odata/$metadata"`) {
		t.Error("the route is not registered")
	}
}

// All faults are reported at once: the deployment's, the service's and the
// routes'.
func TestFaultsComeTogether(t *testing.T) {
	a := newApp("")
	a.add("POST", "/files")
	bad := Connect(a.stack, "Bad", Deployment{"keyward-authorizer", "http://keys.example.com", nil})
	bad.Protect("Files", a.files(func(s *Service) { s.ID, s.CacheSeconds = "Files!", 4000 }))
	_, err := a.template()
	if err == nil {
		t.Fatal("no fault")
	}
	for _, want := range []string{
		"Deployment.Authorizer: ", "Deployment.URL: ", "Deployment.Key: ", "Service.ID: ", "Service.CacheSeconds: ",
		"POST /files is not in Service.Routes",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is missing in %v", want, err)
		}
	}
}

// The authorizer must be in the API's region, if the app states that region.
func TestOtherRegion(t *testing.T) {
	a := newAppIn("123456789012", "us-east-1")
	a.keyward.Protect("Files", a.files())
	if _, err := a.template(); err == nil || !strings.Contains(err.Error(), "Service.APIs[0]: the API is in us-east-1 and Deployment.Authorizer in eu-central-1") {
		t.Errorf("error %v", err)
	}
}

// A later change of the app cannot remove the authorizer, nor add a route from
// another stack unnoticed.
func TestNothingUndoesIt(t *testing.T) {
	for want, change := range map[string]func(*app){
		"GET /files asks somebody else: its authorization is NONE": func(a *app) {
			last := constructs.NewConstruct(a.stack, jsii.String("Last"))
			awscdk.Aspects_Of(last).Add(&opening{a.list}, nil)
		},
		"a path that CDK's Resource does not know is not in Service.Routes": func(a *app) {
			awsapigateway.NewCfnMethod(awscdk.NewStack(a.App, jsii.String("other"), nil), jsii.String("Method"), &awsapigateway.CfnMethodProps{
				HttpMethod: jsii.String("GET"), ResourceId: a.api.RestApiRootResourceId(), RestApiId: a.api.RestApiId(),
			})
		},
	} {
		a := newApp("")
		a.keyward.Protect("Files", a.files())
		change(a)
		if _, err := a.template(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s\ngot %v", want, err)
		}
	}
}

// opening removes a method's authorization when CDK visits another construct.
type opening struct{ method awsapigateway.Method }

// Visit removes it. CDK calls it for each construct.
func (o *opening) Visit(constructs.IConstruct) {
	method := o.method.Node().DefaultChild().(awsapigateway.CfnMethod)
	method.SetAuthorizationType(jsii.String("NONE"))
	method.SetAuthorizerId(nil)
}
