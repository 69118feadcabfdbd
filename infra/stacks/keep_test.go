package stacks

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
)

// part is a resource, limited to what these tests check.
type part struct {
	Type                                string
	Properties                          map[string]any
	DeletionPolicy, UpdateReplacePolicy string
	DependsOn                           any
}

// deployed returns the resources of all stacks, by stack name and logical id.
func deployed(t *testing.T, settings plan.Settings) map[string]part {
	t.Helper()
	all := map[string]part{}
	for stack, text := range synthesize(t, settings) {
		var template struct{ Resources map[string]part }
		if err := json.Unmarshal(text, &template); err != nil {
			t.Fatal(err)
		}
		for id, r := range template.Resources {
			all[stack+"/"+id] = r
		}
	}
	return all
}

// stateful lists the types whose deletion loses data. A type in neither list
// fails the test, so that somebody decides.
var (
	stateful  = []string{"AWS::DynamoDB::GlobalTable", "AWS::KMS::Key", "AWS::KMS::ReplicaKey", "AWS::Logs::LogGroup"}
	stateless = []string{
		"AWS::ApiGateway::Account", "AWS::ApiGateway::Authorizer", "AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::Deployment",
		"AWS::ApiGateway::DomainName", "AWS::ApiGateway::GatewayResponse", "AWS::ApiGateway::Method", "AWS::ApiGateway::Resource",
		"AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage", "AWS::CertificateManager::Certificate", "AWS::CloudWatch::Alarm",
		"AWS::CloudWatch::Dashboard", "AWS::Events::Rule", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::KMS::Alias", "AWS::Lambda::Function",
		"AWS::Lambda::Permission", "AWS::Logs::MetricFilter", "AWS::Route53::HealthCheck", "AWS::Route53::RecordSet", "AWS::WAFv2::WebACL", "AWS::WAFv2::WebACLAssociation",
		// A dead letter is a position in a stream, which forgets it within a day. What
		// it is about is in the table.
		"AWS::Lambda::EventSourceMapping", "AWS::SQS::Queue", "AWS::SQS::QueuePolicy",
	}
)

// No key, record or log is deleted with its stack, or when CloudFormation
// replaces it. Tables have deletion protection and point-in-time recovery; keys
// wait as long as KMS allows.
func TestNothingIsLostByAccident(t *testing.T) {
	kept := map[string]int{}
	for id, r := range deployed(t, full()) {
		if !slices.Contains(stateful, r.Type) {
			if !slices.Contains(stateless, r.Type) {
				t.Errorf("%s: is a %s something that can be lost?", id, r.Type)
			}
			continue
		}
		kept[r.Type]++
		// A failed deployment may delete what it created, except tables: they refuse
		// to be deleted and would block the rollback.
		deleted := "RetainExceptOnCreate"
		if r.Type == "AWS::DynamoDB::GlobalTable" {
			deleted = "Retain"
		}
		if r.DeletionPolicy != deleted || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s: deleted: %q, replaced: %q", id, r.DeletionPolicy, r.UpdateReplacePolicy)
		}
		if strings.HasPrefix(r.Type, "AWS::KMS") && r.Properties["PendingWindowInDays"] != 30.0 {
			t.Errorf("%s: the window is %v", id, r.Properties["PendingWindowInDays"])
		}
		replicas, _ := r.Properties["Replicas"].([]any)
		for _, replica := range replicas {
			text, _ := json.Marshal(replica)
			for _, want := range []string{`"DeletionProtectionEnabled":true`, `"PointInTimeRecoveryEnabled":true`} {
				if !strings.Contains(string(text), want) {
					t.Errorf("%s: a replica without %s: %s", id, want, text)
				}
			}
		}
	}
	if kept["AWS::DynamoDB::GlobalTable"] != 4 || kept["AWS::KMS::Key"] != 3 || kept["AWS::KMS::ReplicaKey"] != 6 {
		t.Errorf("kept are %v", kept)
	}
}

// The stacks of keys and tables have termination protection; those of the
// regions do not.
func TestTerminationProtection(t *testing.T) {
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct{ TerminationProtection bool }
		}
	}
	if err := json.Unmarshal(manifestOf(t, full()), &manifest); err != nil {
		t.Fatal(err)
	}
	var protected []string
	for name, artifact := range manifest.Artifacts {
		if artifact.Properties.TerminationProtection {
			protected = append(protected, name)
		}
	}
	slices.Sort(protected)
	want := []string{"keyward-global", "keyward-keys", "keyward-keys-ap-southeast-2", "keyward-keys-us-east-1"}
	if !slices.Equal(protected, want) {
		t.Errorf("protected are %v, want %v", protected, want)
	}
}

// Every function writes to a log group of its stack, and every log group has a
// retention period.
func TestLogsAreKeptForAWhile(t *testing.T) {
	all := deployed(t, full())
	for id, r := range all {
		stack, _, _ := strings.Cut(id, "/")
		switch r.Type {
		case "AWS::Logs::LogGroup":
			if r.Properties["RetentionInDays"] != 90.0 {
				t.Errorf("%s: kept for %v days", id, r.Properties["RetentionInDays"])
			}
		case "AWS::Lambda::Function":
			config, _ := r.Properties["LoggingConfig"].(map[string]any)
			group, _ := config["LogGroup"].(map[string]any)
			name, _ := group["Ref"].(string)
			if all[stack+"/"+name].Type != "AWS::Logs::LogGroup" {
				t.Errorf("%s writes to %v", id, config)
			}
		}
	}
}

// Tags reach every resource that costs money or holds data.
func TestTagsReachEverything(t *testing.T) {
	untaggable := []string{
		"AWS::ApiGateway::Account", "AWS::ApiGateway::Authorizer", "AWS::ApiGateway::BasePathMapping", "AWS::ApiGateway::Deployment",
		"AWS::ApiGateway::GatewayResponse", "AWS::ApiGateway::Method", "AWS::ApiGateway::Resource", "AWS::CloudWatch::Dashboard", "AWS::IAM::Policy",
		"AWS::KMS::Alias", "AWS::Lambda::Permission", "AWS::Logs::MetricFilter", "AWS::Route53::RecordSet", "AWS::WAFv2::WebACLAssociation",
		"AWS::SQS::QueuePolicy",
	}
	for id, r := range deployed(t, full()) {
		if slices.Contains(untaggable, r.Type) {
			continue
		}
		places := []any{r.Properties}
		if replicas, global := r.Properties["Replicas"].([]any); global {
			places = replicas
		}
		for _, place := range places {
			text, _ := json.Marshal(place)
			if !strings.Contains(string(text), `{"Key":"team","Value":"keys"}`) || !strings.Contains(string(text), `{"Key":"cost-centre","Value":"4711"}`) {
				t.Errorf("%s, a %s, has not the tags", id, r.Type)
			}
		}
	}
}
