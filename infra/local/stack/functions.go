package stack

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/infra/local/lambda"
	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// Functions returns every function with its binary in dist/local below root. The
// error names binaries that are not built. concurrency is how many invocations
// one process handles.
func Functions(root string, concurrency int) ([]lambda.Function, error) {
	var functions []lambda.Function
	var missing []string
	for _, op := range plan.Functions() {
		binary := filepath.Join(root, "dist", "local", op.Program(), "bootstrap")
		if _, err := os.Stat(binary); err != nil && !slices.Contains(missing, op.Program()) {
			missing = append(missing, op.Program())
		}
		functions = append(functions, lambda.Function{
			Name: op.Name, Binary: binary, Concurrency: concurrency, Timeout: time.Duration(op.TimeoutSeconds) * time.Second,
		})
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("these programs are not built: %s: run make build", strings.Join(missing, ", "))
	}
	return functions, nil
}

// StartRuntime runs functions. Each gets those of the stack's variables that it
// reads.
func StartRuntime(functions []lambda.Function, variables map[string]string, log func(function, line string)) (*lambda.Runtime, error) {
	for i := range functions {
		op, _ := operations.Find(functions[i].Name)
		functions[i].Environment = environment(op, variables)
	}
	return lambda.Start(lambda.Options{
		Region: Region, Account: Account, Functions: functions, Log: log,
		Endpoints: map[string]string{
			EndpointDynamoDB: variables[EndpointDynamoDB], EndpointKMS: variables[EndpointKMS], EndpointEventBridge: variables[EndpointEventBridge],
		},
	})
}

// The variables that direct the AWS SDK to the local parts.
const (
	EndpointDynamoDB    = "AWS_ENDPOINT_URL_DYNAMODB"
	EndpointKMS         = "AWS_ENDPOINT_URL_KMS"
	EndpointEventBridge = "AWS_ENDPOINT_URL_EVENTBRIDGE"
)

// Variables returns all variables of this stack's functions: the parts'
// endpoints, the names of its tables, and Options.Environment.
func (s *Stack) Variables() map[string]string {
	variables := map[string]string{
		EndpointDynamoDB:            s.rolesURL,
		EndpointKMS:                 s.rolesURL,
		EndpointEventBridge:         s.rolesURL,
		operations.EnvEventBus:      EventBus,
		operations.EnvTable:         schema.TableName,
		operations.EnvAuditTable:    schema.AuditTableName,
		operations.EnvSecretsTable:  schema.SecretsTableName,
		operations.EnvUsageTable:    schema.UsageTableName,
		operations.EnvPepperKey:     s.parts.pepperARN,
		operations.EnvSecretsKey:    s.parts.secretsARN,
		operations.EnvManagementAPI: Account + "/" + ManagementAPI,
	}
	if s.options.Replica != "" {
		variables[operations.EnvReplicas] = s.options.Replica + "=" + ReplicaTable
	}
	maps.Copy(variables, s.options.Environment)
	return variables
}

// environment returns the variables that an operation's function reads.
func environment(op operations.Operation, variables map[string]string) map[string]string {
	own := maps.Clone(variables)
	maps.DeleteFunc(own, func(name, _ string) bool { return !slices.Contains(op.Environment, name) })
	return own
}
