package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/infra/protect/registertest"
)

const protectedAPI = "a1b2c3d4e5"

// deploy registers the service reports as package protect does in a deployment.
func deploy(t *testing.T, key, kind string, apis ...string) registertest.Told {
	t.Helper()
	entries := []any{}
	for _, id := range apis {
		entries = append(entries, map[string]any{"account": stack.Account, "region": stack.Region, "id": id})
	}
	told, logged := registertest.Run(t, "../../protect/register.js", key, map[string]any{
		"RequestType": kind, "PhysicalResourceId": "STACK/RESOURCE",
		"ResourceProperties": map[string]any{"Url": running.URL, "Secret": registertest.SecretID, "Service": map[string]any{
			"id": "reports", "name": "Reports", "apis": entries,
			"permissions": []any{map[string]any{"name": "ViewReports", "description": "See reports"}},
			"routes":      []any{map[string]any{"method": "GET", "path": "/reports/{id}", "permissions": []any{"ViewReports"}}},
		}},
	})
	if strings.Contains(logged+told["Reason"], key) {
		t.Error("the key was logged or told")
	}
	return told
}

// effect returns the authorizer's decision for a request to the protected API.
func effect(t *testing.T, key, request string) string {
	t.Helper()
	event, err := json.Marshal(map[string]string{
		"type": "TOKEN", "authorizationToken": "Bearer " + key,
		"methodArn": "arn:aws:execute-api:" + stack.Region + ":" + stack.Account + ":" + protectedAPI + "/live/" + request,
	})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := running.Invoke(t.Context(), "authorizer", event)
	if err != nil {
		t.Fatal(err)
	}
	var policy struct {
		PolicyDocument struct{ Statement []struct{ Effect string } }
	}
	if err := json.Unmarshal(answer, &policy); err != nil || len(policy.PolicyDocument.Statement) == 0 {
		t.Fatalf("%v in %s", err, answer)
	}
	return policy.PolicyDocument.Statement[0].Effect
}

// becomes waits for a decision, as long as a change may take to be visible.
func becomes(t *testing.T, key, request, want string) {
	t.Helper()
	for began := time.Now(); ; {
		asked := time.Now()
		if effect(t, key, request) == want {
			return
		}
		if asked.Sub(began) > cacheTTL {
			t.Fatalf("%s: not %s within the bound", request, want)
		}
	}
}

// A deployment registers a service, whose routes are then guarded. Its removal
// makes the API refused again, and leaves the permission with its holders.
func TestDeployedServiceGuards(t *testing.T) {
	deployer := admin.Create(t, "deployer", "AdministerServices").APIKey
	if told := deploy(t, deployer, "Create", protectedAPI); told["Status"] != "SUCCESS" {
		t.Fatalf("CloudFormation was told %v", told)
	}
	defer func() {
		admin.Do(t, http.MethodDelete, "/v1/services/reports?force=true", "").Want(t, http.StatusNoContent)
	}()
	viewer := admin.Create(t, "viewer", "ViewReports").APIKey
	becomes(t, viewer, "GET/reports/7", "Allow")
	becomes(t, deployer, "GET/reports/7", "Deny")
	becomes(t, viewer, "POST/reports/7", "Deny")

	if told := deploy(t, deployer, "Update", protectedAPI, "f6g7h8i9j0"); told["Status"] != "SUCCESS" {
		t.Fatalf("CloudFormation was told %v", told)
	}
	if told := deploy(t, deployer, "Delete", protectedAPI); told["Status"] != "SUCCESS" {
		t.Fatalf("CloudFormation was told %v", told)
	}
	becomes(t, viewer, "GET/reports/7", "Deny")
	service := stacktest.JSON[struct {
		APIs        []struct{ ID string }
		Permissions []struct{ Name string }
	}](t, admin.Do(t, http.MethodGet, "/v1/services/reports", "").Want(t, http.StatusOK))
	if len(service.APIs) != 1 || service.APIs[0].ID != "f6g7h8i9j0" || len(service.Permissions) != 1 {
		t.Errorf("left %+v", service)
	}
}

// If Keyward refuses the registration, the deployment shows why, field by field.
func TestRefusedDeployment(t *testing.T) {
	deployer := admin.Create(t, "deployer", "AdministerServices").APIKey
	told := deploy(t, deployer, "Create", "not an id", "a1", "a1")
	for _, want := range []string{"PUT reports: 400; ", "apis[0].id: ", "apis[2]: "} {
		if told["Status"] != "FAILED" || !strings.Contains(told["Reason"], want) {
			t.Errorf("%q is missing in %v", want, told)
		}
	}
	if told := deploy(t, admin.Create(t, "nobody").APIKey, "Create", protectedAPI); told["Status"] != "FAILED" || !strings.Contains(told["Reason"], "403") {
		t.Errorf("without the permission: %v", told)
	}
}

// The command that registers a service by hand runs as printed.
func TestRegistrationByHand(t *testing.T) {
	document, err := os.ReadFile("../../protect/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(document), "<!-- registration -->\n```console\n$ ")
	command, _, ended := strings.Cut(rest, "```")
	if !found || !ended {
		t.Fatal("infra/protect/README.md has no command")
	}
	output := shell(t, strings.Replace(command, "curl ", "curl -sS --fail-with-body ", 1))
	admin.Do(t, http.MethodDelete, "/v1/services/files", "").Want(t, http.StatusNoContent)
	if !strings.Contains(output, `"id":"files"`) {
		t.Errorf("answered %s", output)
	}
}
