package cfntest

import (
	"os"
	"strings"
	"sync"
	"testing"
)

var specification = sync.OnceValues(func() (*Specification, error) { return ReadSpecification("..") })

func lint(t *testing.T, text string) string {
	t.Helper()
	s, err := specification()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(s.Lint([]byte(text)), "\n")
}

// plainTemplate returns a region's stack as CDK writes it.
func plainTemplate(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../stacks/testdata/snapshot/keyward-us-east-1.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// mistakes are changes to a good template, and what their faults must name.
type mistakes []struct{ name, old, new, fault string }

func (all mistakes) find(t *testing.T, good string) {
	t.Helper()
	if faults := lint(t, good); faults != "" {
		t.Fatalf("the template is not good to begin with:\n%s", faults)
	}
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			bad := strings.Replace(good, m.old, m.new, 1)
			if bad == good {
				t.Fatalf("the template does not contain %q", m.old)
			}
			if faults := lint(t, bad); !strings.Contains(faults, m.fault) {
				t.Errorf("the faults do not name %q:\n%s", m.fault, faults)
			}
		})
	}
}

// The linter can fail on a CDK template: it finds and names each of these
// changes.
func TestLintFindsInPlainTemplates(t *testing.T) {
	mistakes{
		{"an unknown type", `"Type":"AWS::ApiGateway::RestApi"`, `"Type":"AWS::ApiGateway::RestAPI"`, `there is no resource type "AWS::ApiGateway::RestAPI"`},
		{"no type", `"Type":"AWS::ApiGateway::RestApi"`, `"Condition":"C"`, `there is no resource type ""`},
		{"an unknown property", `"CloudWatchRoleArn":`, `"CloudWatchRoleARN":`, "there is no property CloudWatchRoleARN"},
		{"a property of another type", `"CloudWatchRoleArn":{`, `"StageName":"live","CloudWatchRoleArn":{`, "there is no property StageName"},
		{"an unknown property inside", `"AccessLogSetting":{`, `"AccessLogSetting":{"Level":"INFO",`, ".AccessLogSetting: there is no property Level"},
		{"a missing property", `"Principal":"apigateway.amazonaws.com"`, `"SourceAccount":"123456789012"`, "the property Principal is missing"},
		{"no properties", `"Properties":{"CloudWatchRoleArn"`, `"properties":{"CloudWatchRoleArn"`, "a resource has no properties"},
		{"a missing property inside", `"Tags":[{"Key":"cost-centre","Value":"4711"}`, `"Tags":[{"Key":"cost-centre"}`, ".Tags[0]: the property Value is missing"},
		{"a text for a number", `"MemorySize":256`, `"MemorySize":"much"`, ".MemorySize: much is no integer"},
		{"a text of a fraction", `"MemorySize":256`, `"MemorySize":"256.5"`, ".MemorySize: 256.5 is no integer"},
		{"a fraction", `"MemorySize":256`, `"MemorySize":256.5`, ".MemorySize: 256.5 is no integer"},
		{"a number for a text", `"StageName":"live"`, `"StageName":1`, ".StageName: 1 is no string"},
		{"a text for a boolean", `"DataTraceEnabled":false`, `"DataTraceEnabled":"no"`, ".DataTraceEnabled: no is no boolean"},
		{"a text for a list", `"ManagedPolicyArns":[{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]]}]`,
			`"ManagedPolicyArns":{"Fn::Join":["",["arn:",{"Ref":"AWS::Partition"},":iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"]]}`, ".ManagedPolicyArns: Fn::Join gives a string, which is no array"},
		{"a list for a text", `"StageName":"live"`, `"StageName":["live"]`, ".StageName: [live] is no string"},
		{"an object for a list", `"MethodSettings":[{`, `"MethodSettings":{"a":[{`, "yaml"},
		{"a value that is not allowed", `"Type":"AWS_PROXY"`, `"Type":"PROXY"`, ".Integration.Type: PROXY is none of"},
		{"an unknown attribute", `"CloudWatchRoleArn":{"Fn::GetAtt":["ApiCloudWatchRole73EC6FC4","Arn"]}`, `"CloudWatchRoleArn":{"Fn::GetAtt":["ApiCloudWatchRole73EC6FC4","ARN"]}`, "ApiCloudWatchRole73EC6FC4 has no attribute ARN"},
		{"a reference to nothing", `{"Fn::GetAtt":["ApiCloudWatchRole73EC6FC4","Arn"]}`, `{"Fn::GetAtt":["ApiRole","Arn"]}`, "a reference to ApiRole.Arn, which does not exist"},
		{"a wait for nothing", `"DependsOn":["ApiF70053CD"]`, `"DependsOn":["Api"]`, "it depends on Api, which does not exist"},
		{"a wait for itself", `"ApiCloudWatchRole73EC6FC4": {"DeletionPolicy"`, `"ApiCloudWatchRole73EC6FC4": {"DependsOn":"ApiAccountA18C9B29","DeletionPolicy"`, "it waits for itself: Api"},
	}.find(t, plainTemplate(t))
}

// The linter can fail on a SAM template.
func TestLintFindsInServerlessTemplates(t *testing.T) {
	mistakes{
		{"an unknown type", "Type: AWS::Serverless::Api\n", "Type: AWS::Serverless::RestApi\n", `there is no resource type "AWS::Serverless::RestApi"`},
		{"an unknown property", "      CodeUri:", "      CodeURI:", "there is no property CodeURI"},
		{"one of what the function becomes", "      CodeUri:", "      Code:", "there is no property Code"},
		{"one in what is passed on", "LogGroup: !Ref WhoamiLogs", "Group: !Ref WhoamiLogs", ".LoggingConfig: there is no property Group"},
		{"one for all functions", "  Function:\n", "  Function:\n    MemoryMB: 1\n", "there is no property MemoryMB"},
		{"an unknown property of an event", "            Path: \"/v1/whoami\"\n", "            Route: \"/v1/whoami\"\n", ".Events."},
		{"an unknown property of the API's", "DefaultAuthorizer: Keyward", "Default: Keyward", "Api.Auth: there is no property Default"},
		{"a missing property", "      StageName:", "      TracingEnabled: false #", "the property StageName is missing"},
		{"a text for a number", "Timeout: ", "Timeout: about ", "is no number"},
		{"a value that is not allowed", "State: ENABLED", "State: ON", "SweepRule.State: ON is none of"},
		{"an unknown attribute", "!GetAtt WhoamiRole.Arn", "!GetAtt WhoamiRole.ARN", "WhoamiRole has no attribute ARN"},
		{"an unknown attribute of a function's", "!GetAtt SweepFunction.Arn", "!GetAtt SweepFunction.Name", "SweepFunction has no attribute Name"},
	}.find(t, samTemplate(t))
}

// A custom resource may have any properties, but must name its provider. Both
// branches of a condition must be valid. A text may stand for a boolean.
func TestLintKnowsFunctions(t *testing.T) {
	const head = "Parameters: {Text: {Type: String}, List: {Type: CommaDelimitedList}}\nResources:\n  A: {Type: "
	for source, fault := range map[string]string{
		"Custom::Thing, Properties: {ServiceToken: x, Other: {}}}": "",
		"Custom::Thing, Properties: {Other: {}}}":                  "A: the property ServiceToken is missing",
		"AWS::SNS::Topic, Properties: {FifoTopic: 'true'}}":        "",
		"AWS::SNS::Topic}": "",
		"AWS::SNS::Topic, Properties: {TopicName: !If [C, x, !Ref Text]}}":                                "",
		"AWS::SNS::Topic, Properties: {TopicName: !If [C, x, 7]}}":                                        "A.TopicName: 7 is no string",
		"AWS::SNS::Topic, Properties: {Tags: !Ref Text}}":                                                 "A.Tags: Ref gives a string, which is no array",
		"AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Version: 2012-10-17}, Roles: !Ref List}}": "",
		"AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: 7}}":                                       "A.PolicyDocument: 7 is no",
	} {
		if faults := lint(t, head+source); faults != fault && (fault == "" || !strings.HasPrefix(faults, fault)) {
			t.Errorf("%s: %q, want %q", source, faults, fault)
		}
	}
}

// A missing or unknown specification gives one line that says so.
func TestReadSpecificationFails(t *testing.T) {
	if _, err := ReadSpecification(t.TempDir()); err == nil || !strings.Contains(err.Error(), "run npm ci") {
		t.Errorf("error %v", err)
	}
}
