package stacks

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
)

// resources returns a template's resources of a type, by id.
func resources(t *testing.T, template []byte, kind string) map[string]map[string]any {
	t.Helper()
	var content struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(template, &content); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	for id, resource := range content.Resources {
		if resource.Type == kind {
			found[id] = resource.Properties
		}
	}
	return found
}

// A deployment to several regions first has only the keys' stack, because the
// other stacks need the keys' ids.
func TestStacks(t *testing.T) {
	first := three()
	first.KeyIDs = nil
	for name, test := range map[string]struct {
		settings plan.Settings
		want     []string
	}{
		"one region, of the credentials": {plan.Defaults(), []string{"keyward-global", "keyward-keys", "keyward-regional"}},
		"one region":                     {one(), []string{"keyward-eu-central-1", "keyward-global", "keyward-keys"}},
		"several, at first":              {first, []string{"keyward-keys"}},
		"several": {three(), []string{
			"keyward-ap-southeast-2", "keyward-eu-central-1", "keyward-global", "keyward-keys",
			"keyward-keys-ap-southeast-2", "keyward-keys-us-east-1", "keyward-us-east-1",
		}},
	} {
		if got := slices.Sorted(maps.Keys(synthesize(t, test.settings))); !slices.Equal(got, test.want) {
			t.Errorf("%s: stacks %v, want %v", name, got, test.want)
		}
	}
}

// Each table has a replica in each region, encrypted with that region's key,
// with deletion protection and recovery. Only the main table and that of uses
// delete items by themselves: those with the attribute for it.
func TestReplicas(t *testing.T) {
	tables := resources(t, synthesize(t, three())["keyward-global"], "AWS::DynamoDB::GlobalTable")
	if len(tables) != 4 {
		t.Fatalf("%d tables", len(tables))
	}
	for id, table := range tables {
		replicas, _ := json.Marshal(table["Replicas"])
		for _, region := range three().Regions {
			want := `{"DeletionProtectionEnabled":true,"PointInTimeRecoverySpecification":{"PointInTimeRecoveryEnabled":true},"Region":"` + region +
				`","SSESpecification":{"KMSMasterKeyId":"arn:aws:kms:` + region + `:123456789012:key/mrk-11111111111111111111111111111111"}}`
			if !strings.Contains(string(replicas), want) {
				t.Errorf("%s: replicas %s, want %s", id, replicas, want)
			}
		}
		want := map[string]any(nil)
		if name := table["TableName"]; name == three().Name || name == new(three()).UsageTable() {
			want = map[string]any{"AttributeName": "ttl", "Enabled": true}
		}
		if got, _ := table["TimeToLiveSpecification"].(map[string]any); !maps.Equal(got, want) {
			t.Errorf("%s forgets items by %v, want %v", id, got, want)
		}
	}
}

// A management function writes the home's tables from any region, and uses its
// own region's key for peppers. The authorizer does not know the home, and what a
// stream invokes reads its own region's. Only the propagation of a key is read
// from all regions.
func TestWhoseTables(t *testing.T) {
	all := synthesize(t, three())
	for _, region := range three().Regions {
		template := all["keyward-"+region]
		for id, function := range resources(t, template, "AWS::Lambda::Function") {
			variables, _ := function["Environment"].(map[string]any)["Variables"].(map[string]any)
			home, told := variables["KEYWARD_HOME_REGION"]
			if manages := variables["KEYWARD_AUDIT_TABLE"] != nil; told != manages || told && home != "us-east-1" {
				t.Errorf("%s: %s has the home %v", region, id, home)
			}
			if key, used := variables["KEYWARD_PEPPER_KEY"]; used && key != "arn:aws:kms:"+region+":123456789012:key/mrk-22222222222222222222222222222222" {
				t.Errorf("%s: %s unwraps with %v", region, id, key)
			}
		}
		for id, role := range resources(t, template, "AWS::IAM::Role") {
			policies, _ := json.Marshal(role["Policies"])
			tables := []string{"us-east-1"}
			switch name, _, _ := strings.Cut(id, "Role"); name {
			case "Authorizer", "PublishEvents":
				tables = []string{region}
			case "RecordUsage":
				tables = append(tables, region)
			case "GetApikeyPropagation":
				tables = three().Regions
			}
			for _, other := range three().Regions {
				for _, part := range []string{"arn:aws:dynamodb:" + other + ":", `dynamodb.` + other + `.amazonaws.com`} {
					if strings.Contains(string(policies), part) && !slices.Contains(tables, other) {
						t.Errorf("%s: %s may use the tables of %s", region, id, other)
					}
				}
			}
			if name, _, _ := strings.Cut(id, "Role"); name == "RecordUsage" {
				readsWhatStreamHolds(t, string(policies), region)
			}
		}
		_, sweeps := resources(t, template, "AWS::Events::Rule")["SweepRule"]
		if streams := len(resources(t, template, "AWS::Lambda::EventSourceMapping")); (streams > 0) != (region == "eu-central-1") {
			t.Errorf("%s: %d streams", region, streams)
		}
		bootstraps := strings.Contains(string(template), `"keyward-bootstrap"`)
		if home := region == "us-east-1"; sweeps != home || bootstraps != home {
			t.Errorf("%s: sweeps %t, bootstraps %t", region, sweeps, bootstraps)
		}
	}
}

// readsWhatStreamHolds checks that a role may decrypt what a stream in that region
// holds, and what its tables in the home region hold.
func readsWhatStreamHolds(t *testing.T, policies, region string) {
	t.Helper()
	for _, in := range []string{region, "us-east-1"} {
		for _, part := range []string{`"dynamodb.` + in + `.amazonaws.com"`, "arn:aws:kms:" + in + ":123456789012:key/mrk-11111111111111111111111111111111"} {
			if !strings.Contains(policies, part) {
				t.Errorf("the stream's function in %s lacks %s", region, part)
			}
		}
	}
}

// Moving the home moves no stack, no key and no table: only the regions'
// functions change.
func TestMovingHomeMovesNoData(t *testing.T) {
	moved := three()
	moved.Home = "ap-southeast-2"
	before, after := synthesize(t, three()), synthesize(t, moved)
	for name := range before {
		changed, regional := string(before[name]) != string(after[name]), slices.Contains(three().Regions, strings.TrimPrefix(name, "keyward-"))
		if changed != regional {
			t.Errorf("%s: changed %t", name, changed)
		}
	}
	if len(after) != len(before) {
		t.Errorf("%d stacks, before %d", len(after), len(before))
	}
}

// The authorizer can be called for the APIs in the settings, in its own region,
// and for no others.
func TestGuardedAPIs(t *testing.T) {
	all := synthesize(t, full())
	for region, want := range map[string][]string{
		"us-east-1":      {"apigateway.amazonaws.com arn:aws:execute-api:us-east-1:210987654321:rest1/authorizers/*", "appsync.amazonaws.com arn:aws:appsync:us-east-1:123456789012:apis/graph1"},
		"eu-central-1":   {"apigateway.amazonaws.com arn:aws:execute-api:eu-central-1:123456789012:socket1/authorizers/*"},
		"ap-southeast-2": nil,
	} {
		var got []string
		for id, permission := range resources(t, all["keyward-"+region], "AWS::Lambda::Permission") {
			if strings.HasPrefix(id, "Guarded") {
				got = append(got, permission["Principal"].(string)+" "+permission["SourceArn"].(string))
			}
		}
		if slices.Sort(got); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", region, got, want)
		}
	}
}

// The check of several stacks can fail: it finds and names each of these
// changes.
func TestCheckFindsInSeveralRegions(t *testing.T) {
	settings := full()
	good := synthesize(t, settings)
	for _, test := range []struct{ old, new, fault string }{
		{`"Region":"ap-southeast-2","SSES`, `"Region":"ap-southeast-1","SSES`, "replicas: ap-southeast-1 is too much"},
		{`"NEW_AND_OLD_IMAGES"`, `"KEYS_ONLY"`, "stream"},
		{`"PrimaryKeyArn":"arn:aws:kms:eu-central-1:123456789012:key/mrk-2`, `"PrimaryKeyArn":"arn:aws:kms:eu-central-1:123456789012:key/mrk-3`, "the primary of PepperKey"},
		{`"MultiRegion":true`, `"MultiRegion":false`, "being multi-Region"},
		{`:iam::123456789012:root"`, `:iam::123456789012:user/me"`, "want the account's root"},
		{`"KEYWARD_HOME_REGION":"us-east-1"`, `"KEYWARD_HOME_REGION":"eu-central-1"`, "KEYWARD_HOME_REGION is"},
		{`arn:aws:dynamodb:us-east-1:123456789012:table/keyward"`, `arn:aws:dynamodb:eu-central-1:123456789012:table/keyward"`, "whoami's role: dynamodb:BatchGetItem on table if"},
		{`"kms:ViaService":["dynamodb.us-east-1.`, `"kms:ViaService":["dynamodb.eu-west-1.`, "if kms:ViaService"},
		{`:rest1/authorizers/*`, `:*/authorizers/*`, "not for this API alone"},
		{`"appsync.amazonaws.com"`, `"*"`, "principal"},
		{`"*.api.example.com"`, `"*.example.com"`, "domain names: *.api.example.com is missing"},
		{`"SubjectAlternativeNames":["*.api.example.com",`, `"SubjectAlternativeNames":[`, "certified names: *.api.example.com is missing"},
		{`"TLS_1_2"`, `"TLS_1_0"`, "least TLS"},
		{`"DisableExecuteApiEndpoint":true`, `"DisableExecuteApiEndpoint":false`, "own URL being off"},
		{`"SetIdentifier":"us-east-1"`, `"SetIdentifier":"eu-central-1"`, "routing"},
		{`,"Region":"us-east-1","SetIdentifier"`, `,"SetIdentifier"`, "routing"},
		{`"HealthCheckId":`, `"Comment":`, "routing"},
		{`"ResourcePath":"/v1/openapi.json"`, `"ResourcePath":"/v1/whoami"`, "path"},
		{`"FullyQualifiedDomainName":"us-east-1.aws.`, `"FullyQualifiedDomainName":"`, "want the region's own name"},
		{`"Type":"AWS::ApiGateway::BasePathMapping"`, `"Type":"AWS::ApiGateway::BasePathMappingV2"`, "mapped names: GlobalName is missing"},
	} {
		checkChange(t, good, settings, test.old, test.new, test.fault)
	}
}
