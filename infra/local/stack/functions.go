package stack

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/infra/local/lambda"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

// FindRoot is the folder of the module that the working directory is in.
func FindRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the working directory: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("run this inside a clone of keyward: there is no go.mod here or above")
		}
		folder = parent
	}
}

// findFunctions is every function, with its binary.
func (s *Stack) findFunctions() ([]lambda.Function, error) {
	var functions []lambda.Function
	var missing []string
	for _, op := range operations.Functions() {
		binary := filepath.Join(s.options.Root, "dist", "local", op.Name, "bootstrap")
		if _, err := os.Stat(binary); err != nil {
			missing = append(missing, op.Name)
		}
		functions = append(functions, lambda.Function{
			Name: op.Name, Binary: binary, Concurrency: s.options.Concurrency, Timeout: timeout(op),
		})
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("these functions are not built: %s: run make build", strings.Join(missing, ", "))
	}
	return functions, nil
}

// timeout is short for the authorizer, which every request waits for.
func timeout(op operations.Operation) time.Duration {
	if op.Name == operations.Authorizer.Name {
		return 5 * time.Second
	}
	return 10 * time.Second
}

// startRuntime starts the Lambda runtime, once the parts that the functions
// need have their addresses.
func (s *Stack) startRuntime(functions []lambda.Function) (*lambda.Runtime, error) {
	variables := s.Variables()
	for i := range functions {
		op, _ := operations.Find(functions[i].Name)
		functions[i].Environment = Environment(op, variables)
	}
	return lambda.Start(lambda.Options{
		Region: Region, Account: Account, Endpoints: Endpoints(variables), Functions: functions, Log: s.options.Log,
	})
}

// The variables of the AWS SDK that lead it to the local parts.
const (
	EndpointDynamoDB = "AWS_ENDPOINT_URL_DYNAMODB"
	EndpointKMS      = "AWS_ENDPOINT_URL_KMS"
)

// Variables are all that functions are told of this stack, and more of
// Options.Environment where it names others.
func (s *Stack) Variables() map[string]string {
	variables := map[string]string{
		EndpointDynamoDB:            s.dynamodb.URL,
		EndpointKMS:                 s.kms.URL,
		operations.EnvTable:         schema.TableName,
		operations.EnvAuditTable:    schema.AuditTableName,
		operations.EnvPepperKey:     s.kms.KeyARN,
		operations.EnvManagementAPI: Account + "/" + ManagementAPI,
	}
	maps.Copy(variables, s.options.Environment)
	return variables
}

// Environment is those variables that an operation's function reads.
func Environment(op operations.Operation, variables map[string]string) map[string]string {
	environment := maps.Clone(variables)
	maps.DeleteFunc(environment, func(name, _ string) bool { return !slices.Contains(op.Environment, name) })
	return environment
}

// Endpoints is those variables that lead the AWS SDK to the local parts.
func Endpoints(variables map[string]string) map[string]string {
	return map[string]string{EndpointDynamoDB: variables[EndpointDynamoDB], EndpointKMS: variables[EndpointKMS]}
}
