package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

type job struct {
	Needs       string
	If          string
	Environment string
	Permissions map[string]string
	Steps       []struct {
		Uses, Run string
		With      map[string]any
	}
}

func workflow(t *testing.T) (permissions map[string]string, jobs map[string]job) {
	t.Helper()
	text, err := os.ReadFile("../../.github/workflows/ci.yml")
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Permissions map[string]string
		Jobs        map[string]job
	}
	if err := yaml.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return read.Permissions, read.Jobs
}

// The workflow runs existing Makefile targets, through actions that are pinned
// so that nobody can replace them.
func TestWorkflow(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	_, jobs := workflow(t)
	pinned := regexp.MustCompile(`^[a-z-]+/[a-z-]+@[0-9a-f]{40}$`)
	var runs []string
	for name, job := range jobs {
		for _, step := range job.Steps {
			if step.Uses != "" && !pinned.MatchString(step.Uses) {
				t.Errorf("%s: %s is not pinned by commit", name, step.Uses)
			}
			if step.Run == "" {
				continue
			}
			runs = append(runs, step.Run)
			target := strings.Fields(step.Run + " ")[1]
			if !strings.Contains(string(makefile), "\n"+target+":") {
				t.Errorf("%s: make has no target %s", name, target)
			}
		}
	}
	slices.Sort(runs)
	if !slices.Equal(runs, []string{"make deploy YES=1", "make test"}) {
		t.Errorf("the workflow runs %q", runs)
	}
}

// A deployment requires a passed test and a tag or somebody's decision, and
// never runs for a fork. Only the deployment can have credentials, which are
// short-lived.
func TestWorkflowDeploys(t *testing.T) {
	permissions, jobs := workflow(t)
	deploy := jobs["deploy"]
	if deploy.Needs != "test" || deploy.Environment == "" {
		t.Errorf("it needs %q, in the environment %q", deploy.Needs, deploy.Environment)
	}
	for _, condition := range []string{"!github.event.repository.fork", "'workflow_dispatch'", "startsWith(github.ref, 'refs/tags/v')", "vars.AWS_ROLE_ARN != ''"} {
		if !strings.Contains(deploy.If, condition) {
			t.Errorf("it does not ask for %s", condition)
		}
	}
	if deploy.Permissions["id-token"] != "write" || deploy.Permissions["contents"] != "read" || len(deploy.Permissions) != 2 {
		t.Errorf("it may %v", deploy.Permissions)
	}
	if len(permissions) != 1 || permissions["contents"] != "read" || jobs["test"].Permissions != nil {
		t.Errorf("tests may %v and %v", permissions, jobs["test"].Permissions)
	}
	for _, step := range deploy.Steps {
		if strings.Contains(step.Uses, "configure-aws-credentials") && step.With["role-to-assume"] == "${{ vars.AWS_ROLE_ARN }}" {
			return
		}
	}
	t.Error("it takes no role")
}

// npm installs files that look like Go's. They are not part of the module, so a
// clone still builds and tests after a deployment.
func TestModuleIgnoresWhatNpmInstalls(t *testing.T) {
	text, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"./infra/node_modules", "./functions/get-console/web/node_modules", "./shared/client/typescript/node_modules"} {
		if !strings.Contains(string(text), "\n\t"+folder+"\n") {
			t.Errorf("go.mod does not ignore %s", folder)
		}
	}
}
