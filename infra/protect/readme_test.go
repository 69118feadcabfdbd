package protect

import (
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/keyward/keyward/infra/cfntest"
)

// snippet returns the only block of a language in a document.
func snippet(t *testing.T, file, language string) string {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(document), "```"+language+"\n")
	if len(parts) != 2 {
		t.Fatalf("%s has %d blocks of %s, want 1", file, len(parts)-1, language)
	}
	block, _, _ := strings.Cut(parts[1], "```")
	return block
}

// The first document's CDK lines are those of the compiled example. Package
// first checks this folder's document against a whole app.
func TestReadmeGo(t *testing.T) {
	source, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(string(source), "func ExampleKeyward_Protect() {\n\t")
	body, _, _ = strings.Cut(body, "\n}")
	_, short, _ := strings.Cut(strings.ReplaceAll(body, "\n\t", "\n")+"\n", "\nkeyward := ")
	document, err := os.ReadFile("../../README.md")
	if want := "keyward := " + short; err != nil || !strings.Contains(string(document), "```go\n"+want+"```") {
		t.Errorf("%v; README.md should have\n%s", err, want)
	}
}

// The SAM template resolves, caches no answer, sends Retry-After, and SAM
// accepts it.
func TestReadmeSAM(t *testing.T) {
	text := snippet(t, "README.md", "yaml")
	made, err := cfntest.Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for id, identity := range map[string]string{"Files": `{"Headers":["Authorization"],"ReauthorizeEvery":0}`, "Rooms": `{"Headers":["Authorization"],"ReauthorizeEvery":0}`} {
		properties, _ := made.Resources[id].Properties.(map[string]any)
		if !strings.Contains(asJSON(properties["Auth"]), `"Identity":`+identity) || !strings.Contains(asJSON(properties["Auth"]), `"DefaultAuthorizer":"Keyward"`) {
			t.Errorf("%s: %s", id, asJSON(properties))
		}
	}
	files, _ := made.Resources["Files"].Properties.(map[string]any)
	for _, kind := range []string{"AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE"} {
		if want := `"` + kind + `":{"ResponseParameters":{"Headers":{"Retry-After":"'1'"}},"StatusCode":503}`; !strings.Contains(asJSON(files["GatewayResponses"]), want) {
			t.Errorf("an outage of the authorizer lacks %s: %s", want, asJSON(files["GatewayResponses"]))
		}
	}
	specification, err := cfntest.ReadSpecification("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range specification.Lint([]byte(text)) {
		t.Error(fault)
	}
}

// The Terraform configuration parses and matches the constructs. The provider's
// attribute names are not checked.
func TestReadmeTerraform(t *testing.T) {
	parsed, faults := hclparse.NewParser().ParseHCL([]byte(snippet(t, "README.md", "hcl")), "README.md")
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	seen := map[string]string{}
	for _, block := range parsed.Body.(*hclsyntax.Body).Blocks {
		for name, attribute := range block.Body.Attributes {
			bytes := attribute.Expr.Range().SliceBytes(parsed.Bytes)
			seen[strings.Join(block.Labels, ".")+"."+name] = string(bytes)
		}
	}
	for name, want := range map[string]string{
		"aws_api_gateway_authorizer.keyward.type":                              `"REQUEST"`,
		"aws_api_gateway_authorizer.keyward.identity_source":                   `"method.request.header.Authorization"`,
		"aws_api_gateway_authorizer.keyward.authorizer_result_ttl_in_seconds":  "0",
		"aws_api_gateway_method.list_files.authorization":                      `"CUSTOM"`,
		"aws_api_gateway_gateway_response.keyward_failure.for_each":            `toset(["AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE"])`,
		"aws_api_gateway_gateway_response.keyward_failure.response_type":       "each.value",
		"aws_api_gateway_gateway_response.keyward_failure.status_code":         `"503"`,
		"aws_api_gateway_gateway_response.keyward_failure.response_parameters": `{ "gatewayresponse.header.Retry-After" = "'1'" }`,
		"aws_lambda_permission.files.source_arn":                               `"${aws_api_gateway_rest_api.files.execution_arn}/authorizers/${aws_api_gateway_authorizer.keyward.id}"`,
		"aws_apigatewayv2_authorizer.keyward.identity_sources":                 `["$request.header.Authorization"]`,
		"aws_apigatewayv2_authorizer.keyward.authorizer_result_ttl_in_seconds": "0",
		"aws_apigatewayv2_authorizer.keyward.enable_simple_responses":          "true",
		"aws_apigatewayv2_route.room.authorization_type":                       `"CUSTOM"`,
		"aws_lambda_permission.rooms.source_arn":                               `"${aws_apigatewayv2_api.rooms.execution_arn}/authorizers/${aws_apigatewayv2_authorizer.keyward.id}"`,
	} {
		if seen[name] != want {
			t.Errorf("%s is %q, want %s", name, seen[name], want)
		}
	}
}
