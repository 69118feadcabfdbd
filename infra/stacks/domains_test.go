package stacks

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
)

// records returns a region's records by name, with their routing.
func records(t *testing.T, template []byte) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, record := range resources(t, template, "AWS::Route53::RecordSet") {
		text := func(name string) string {
			if record[name] == nil {
				return "-"
			}
			return fmt.Sprint(record[name])
		}
		found[text("Name")] = strings.Join([]string{text("SetIdentifier"), text("Region"), text("Failover")}, " ")
		if (record["HealthCheckId"] != nil) != (record["SetIdentifier"] != nil) {
			t.Errorf("%s: health check %v", text("Name"), record["HealthCheckId"])
		}
	}
	return found
}

// Each region has two names of its own, and its share of the global ones: by
// latency, or with failover from the first region to the second.
func TestRecords(t *testing.T) {
	for name, test := range map[string]struct {
		settings plan.Settings
		region   string
		chosen   string
	}{
		"by latency":           {full(), "ap-southeast-2", "ap-southeast-2 ap-southeast-2 -"},
		"failing over":         {two(), "eu-central-1", "eu-central-1 - PRIMARY"},
		"failing over, second": {two(), "us-east-1", "us-east-1 - SECONDARY"},
	} {
		want := map[string]string{
			"api.example.com": test.chosen, "*.api.example.com": test.chosen,
			test.region + ".aws.api.example.com": "- - -", "*." + test.region + ".aws.api.example.com": "- - -",
		}
		got := records(t, synthesize(t, test.settings)["keyward-"+test.region])
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: records %v, want %v", name, got, want)
		}
	}
}

// endsInSlash matches a text that ends in a slash, or a joined one whose last
// part does.
var endsInSlash = regexp.MustCompile(`/"[\]}]*$`)

// apiURL returns the value of the output ApiUrl, as JSON.
func apiURL(t *testing.T, template []byte) string {
	t.Helper()
	var content struct {
		Outputs struct {
			URL struct{ Value json.RawMessage } `json:"ApiUrl"`
		}
	}
	if err := json.Unmarshal(template, &content); err != nil {
		t.Fatal(err)
	}
	return string(content.Outputs.URL.Value)
}

// With names, the default URL is disabled, all functions know the domain, and
// the stack outputs the API's name. Without names, and with names that the owner
// creates, the default URL is used.
func TestNames(t *testing.T) {
	theirs := named(one())
	theirs.HostedZoneID = plan.NoZone
	for name, test := range map[string]struct {
		settings plan.Settings
		domain   string
		off      bool
	}{"ours": {named(one()), "example.com", true}, "theirs": {theirs, "example.com", false}, "none": {one(), "", false}} {
		template := synthesize(t, test.settings)["keyward-eu-central-1"]
		for _, api := range resources(t, template, "AWS::ApiGateway::RestApi") {
			if api["DisableExecuteApiEndpoint"] != test.off {
				t.Errorf("%s: the API's own URL is off: %v", name, api["DisableExecuteApiEndpoint"])
			}
		}
		if !strings.Contains(string(template), `"KEYWARD_DOMAIN":"`+test.domain+`"`) {
			t.Errorf("%s: the authorizer is not told of %q", name, test.domain)
		}
		if strings.Contains(string(template), `"ApiEndpoint`) {
			t.Errorf("%s: a second output names the API's own URL, which can be off", name)
		}
		if says := strings.Contains(string(template), `"Value":"https://eu-central-1.aws.api.example.com"`); says != test.off {
			t.Errorf("%s: the output names the host: %t", name, says)
		}
		if url := apiURL(t, template); !strings.Contains(url, "https://") || endsInSlash.MatchString(url) {
			t.Errorf("%s: $KEYWARD_URL/v1 would not be a path: %s", name, url)
		}
		if domains := resources(t, template, "AWS::ApiGateway::DomainName"); (len(domains) == 4) != test.off {
			t.Errorf("%s: %d domain names", name, len(domains))
		}
		if checks := resources(t, template, "AWS::Route53::HealthCheck"); len(checks) > 0 {
			t.Errorf("%s: one region alone is looked at, which costs and helps nobody", name)
		}
	}
}

// One certificate per region validates four names with two records.
func TestCertificate(t *testing.T) {
	for _, certificate := range resources(t, synthesize(t, two())["keyward-us-east-1"], "AWS::CertificateManager::Certificate") {
		names := []string{fmt.Sprint(certificate["DomainName"])}
		for _, name := range certificate["SubjectAlternativeNames"].([]any) {
			names = append(names, fmt.Sprint(name))
		}
		want := []string{"api.example.com", "*.api.example.com", "us-east-1.aws.api.example.com", "*.us-east-1.aws.api.example.com"}
		if proofs := certificate["DomainValidationOptions"].([]any); !slices.Equal(names, want) || len(proofs) != 2 {
			t.Errorf("names %v, proofs %v", names, proofs)
		}
		return
	}
	t.Error("there is no certificate")
}

// API Gateway accepts one name in 30 seconds per account, so each of a region's
// names waits for the one before.
func TestNamesOneAfterTheOther(t *testing.T) {
	var first, waiting []string
	for id, r := range deployed(t, two()) {
		if r.Type != "AWS::ApiGateway::DomainName" || !strings.HasPrefix(id, "keyward-us-east-1/") {
			continue
		}
		if r.DependsOn == nil {
			first = append(first, id)
			continue
		}
		waiting = append(waiting, fmt.Sprint(r.DependsOn))
	}
	slices.Sort(waiting)
	if want := []string{"[GlobalName]", "[GlobalOrganizationNames]", "[RegionalName]"}; len(first) != 1 || !slices.Equal(waiting, want) {
		t.Errorf("%v waits for nothing, the others for %v, want %v", first, waiting, want)
	}
}
