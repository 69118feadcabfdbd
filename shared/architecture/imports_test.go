package architecture

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/keyward/keyward/"

// rule says what the packages below a folder may import besides the standard
// library and what lies below the same folder. An entry ending in "/..." stands
// for everything below it. The first rule that fits a package counts.
type rule struct {
	folder string
	may    []string
}

const (
	lambdaEvents = "github.com/aws/aws-lambda-go/events"
	strictJSON   = "github.com/go-json-experiment/json/..."
	sdkCore      = "github.com/aws/aws-sdk-go-v2/aws/..."
	smithy       = "github.com/aws/smithy-go/..."
)

// rules are the plan: arrows point inward, from functions to wiring to adapters
// to apikey to routing and keytext.
var rules = []rule{
	{"functions/get-console/web", nil},
	{"functions", []string{"github.com/aws/aws-lambda-go/lambda", "shared/wiring"}},
	{"authorizer/metrics", []string{"shared/verify"}},
	{"authorizer/usage", []string{"shared/apikey", "shared/keytext", "shared/uuid", "shared/verify"}},
	{"authorizer/gateway", []string{"shared/deadline", "shared/jsonscan", "authorizer/metrics", "authorizer/usage", "shared/verify", "shared/apikey", "shared/routing", "shared/identity", lambdaEvents}},
	{"authorizer/token", []string{"shared/apikey", "shared/fetch", "shared/flight", "github.com/go-jose/go-jose/v4/..."}},
	{"authorizer/wiring", []string{
		"authorizer/gateway", "authorizer/metrics", "authorizer/token", "authorizer/usage", "shared/apikey", "shared/routing", "shared/verify", "shared/operations",
		"shared/dynamo", "shared/pepper", "shared/wiring/clients", "shared/wiring/settings",
	}},
	{"authorizer", []string{"shared/runtimeapi", "github.com/aws/aws-lambda-go/lambda"}},
	{"shared/keytext", []string{"shared/uuid"}},
	{"shared/uuid", nil},
	{"shared/identity", []string{"shared/permission"}},
	{"shared/fetch", nil},
	{"shared/flight", nil},
	{"shared/deadline", nil},
	{"shared/jsonscan", nil},
	{"shared/runtimeapi", []string{"shared/deadline"}},
	{"shared/operations", []string{"shared/permission"}},
	{"shared/github", []string{"shared/apikey", "shared/fetch", "shared/flight", "shared/operations"}},
	{"shared/dynamo/schema", nil},
	{"shared/permission", nil},
	{"shared/routing", []string{"shared/permission"}},
	{"shared/apikey", []string{"shared/keytext", "shared/uuid", "shared/permission", "shared/routing"}},
	{"shared/apikeytest", []string{"shared/apikey", "shared/permission", "shared/routing", "shared/keytext", "shared/uuid"}},
	{"shared/verify/question", []string{"shared/apikey", "shared/verify", "shared/keytext", "shared/uuid", "shared/routing", "github.com/hashicorp/golang-lru/v2/simplelru"}},
	{"shared/verify", []string{"shared/apikey", "shared/permission", "shared/flight", "shared/routing", "shared/keytext", "shared/uuid"}},
	{"shared/dialect", []string{"shared/apikey", "shared/permission", "shared/routing", "shared/keytext", "shared/uuid", strictJSON}},
	{"shared/apigw/openapi/openapitest", []string{"shared/apigw", "github.com/getkin/kin-openapi/..."}},
	{"shared/apigw/openapi", []string{"shared/apigw", "shared/operations", "shared/dialect/...", "shared/apikey"}},
	{"shared/apigw", []string{"shared/apikey", "shared/verify/question", "shared/permission", "shared/keytext", "shared/uuid", "shared/operations", "shared/dialect/...", lambdaEvents, "github.com/aws/aws-lambda-go/lambdacontext", strictJSON}},
	{"shared/static", []string{lambdaEvents}},
	{"shared/console", []string{"shared/static", lambdaEvents}},
	{"shared/docs/reference", []string{"shared/apigw/...", "shared/apikey", "shared/dialect/...", "shared/operations", "shared/verify"}},
	{"shared/docs", []string{"shared/static", lambdaEvents}},
	{"shared/client/guard", []string{"shared/client", "shared/flight", "shared/identity", "shared/keytext", "shared/uuid"}},
	{"shared/client", nil},
	{"shared/cmd", []string{
		"shared/client/...", "shared/keytext", "shared/uuid", "shared/operations", "github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/term",
		"github.com/zalando/go-keyring", "github.com/godbus/dbus/v5", "github.com/aws/aws-sdk-go-v2/config", "github.com/aws/aws-sdk-go-v2/service/lambda", sdkCore, smithy,
	}},
	{"shared/dynamo", []string{"shared/apikey", "shared/permission", "shared/routing", "shared/keytext", "shared/uuid", "github.com/aws/aws-sdk-go-v2/service/dynamodb/...", sdkCore, smithy}},
	{"shared/eventbus", []string{"shared/dialect/canonical", "github.com/aws/aws-sdk-go-v2/service/eventbridge/...", sdkCore}},
	{"shared/pepper", []string{"shared/apikey", "shared/flight", "shared/keytext", "shared/uuid", "github.com/aws/aws-sdk-go-v2/service/kms/...", sdkCore}},
	{"shared/wiring", []string{
		"shared/runtimeapi", "shared/deadline", "shared/jsonscan", lambdaEvents, "github.com/aws/aws-lambda-go/lambda", strictJSON, "shared/apikey", "shared/routing", "shared/apigw", "shared/console", "shared/docs", "functions/get-console/web", "shared/operations", "shared/verify/question", "shared/dynamo", "shared/github", "shared/pepper", "shared/eventbus", "golang.org/x/text/unicode/norm",
		sdkCore, "github.com/aws/aws-sdk-go-v2/service/dynamodb", "github.com/aws/aws-sdk-go-v2/service/kms",
	}},
	{"shared/architecture", []string{"shared/operations"}},
	{"infra/local", []string{"..."}},
	{"infra/proof", []string{"..."}},
	{"infra/iam", []string{}},
	// What may be registered is a rule, for a synthesis too.
	{"infra/plan", []string{"infra/iam", "shared/apikey", "shared/operations", "shared/dynamo/schema"}},
	{"infra/sam", []string{"infra/plan", "shared/operations", "shared/dynamo/schema"}},
	{"infra/cfntest", []string{"infra/iam", "infra/plan", "shared/operations", "shared/dynamo/schema", "gopkg.in/yaml.v3"}},
	{"infra/protect", []string{"infra/nag/explain", "shared/apikey", "shared/routing", "shared/operations", "github.com/aws/aws-cdk-go/...", "github.com/aws/constructs-go/...", "github.com/aws/jsii-runtime-go/..."}},
	{"infra/nag/explain", []string{"github.com/aws/aws-cdk-go/awscdk/v2", "github.com/aws/constructs-go/...", "github.com/aws/jsii-runtime-go"}},
	{"infra/nag", []string{"github.com/aws/aws-cdk-go/awscdk/v2", "github.com/aws/jsii-runtime-go", "github.com/cdklabs/cdk-nag-go/cdknag/v2"}},
	{"infra", []string{"infra/nag/explain", "shared/client", "shared/operations", "shared/permission", "shared/dynamo/schema", "github.com/aws/aws-cdk-go/...", "github.com/aws/constructs-go/...", "github.com/aws/jsii-runtime-go/..."}},
}

// listed is a package as go list knows it.
type listed struct {
	ImportPath string
	Imports    []string
	Standard   bool
}

func list(t *testing.T, args ...string) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Imports,Standard"}, args...)...)
	command.Dir = "../.."
	output, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for decoder := json.NewDecoder(strings.NewReader(string(output))); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// Every import between packages, tests aside, is one that the plan allows.
func TestImportDirections(t *testing.T) {
	packages := list(t, "./...")
	if len(packages) < 20 {
		t.Fatalf("go list found %d packages only", len(packages))
	}
	for _, p := range packages {
		path := strings.TrimPrefix(p.ImportPath, module)
		i := slices.IndexFunc(rules, func(r rule) bool { return below(path, r.folder) })
		if i < 0 {
			t.Errorf("%s has no place in the plan", path)
			continue
		}
		for _, imported := range p.Imports {
			if !rules[i].allows(imported) {
				t.Errorf("%s must not import %s", path, imported)
			}
		}
	}
}

// The plan itself refuses what it should: a rule that allowed everything would
// make the test above worthless.
func TestThePlanRefuses(t *testing.T) {
	for folder, imported := range map[string]string{
		"shared/keytext": module + "shared/apikey",
		"shared/routing": module + "shared/apikey",
		"shared/apikey":  "github.com/aws/aws-sdk-go-v2/aws",
		"shared/verify":  module + "shared/dynamo",
		"functions":      module + "shared/apikey",
		"shared/apigw":   module + "infra/local/stack",
	} {
		i := slices.IndexFunc(rules, func(r rule) bool { return r.folder == folder })
		if rules[i].allows(imported) {
			t.Errorf("%s may import %s", folder, imported)
		}
	}
}

func (r rule) allows(imported string) bool {
	path, own := strings.CutPrefix(imported, module)
	if !own && !strings.Contains(strings.Split(imported, "/")[0], ".") {
		return true // the standard library
	}
	return own && below(path, r.folder) || slices.ContainsFunc(r.may, func(may string) bool {
		if folder, all := strings.CutSuffix(may, "..."); all {
			folder = strings.TrimSuffix(folder, "/")
			return folder == "" || below(path, folder)
		}
		return path == may
	})
}

func below(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

// deployed are the packages that end up in functions, and what must not.
var forbidden = map[string][]string{
	"./authorizer": {
		"github.com/aws/aws-sdk-go-v2/config", "github.com/go-json-experiment/", "encoding/xml",
		module + "shared/apigw", module + "infra/", "golang.org/x/text/", "github.com/aws/aws-sdk-go-v2/service/eventbridge/",
	},
	"./functions/...": {
		"github.com/aws/aws-sdk-go-v2/config", "github.com/getkin/", "testing", "github.com/go-jose/",
		module + "infra/", module + "shared/apikeytest",
	},
}

// No function links what it does not need: the SDK's config package, test code,
// local parts; nor the authorizer the management API.
func TestFunctionsLinkOnlyWhatTheyNeed(t *testing.T) {
	for target, banned := range forbidden {
		dependencies := list(t, "-deps", "-tags", "lambda.norpc", target)
		for _, p := range dependencies {
			for _, ban := range banned {
				if strings.HasPrefix(p.ImportPath+"/", strings.TrimSuffix(ban, "/")+"/") {
					t.Errorf("%s links %s", target, p.ImportPath)
				}
			}
		}
	}
}
