package cfntest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/operations"
)

var functionTypes = []string{"AWS::Lambda::Function", "AWS::Serverless::Function"}

// functions checks that there is one function for each of the region's rows of
// the table, each with its own role.
func (c *checker) functions() {
	got, want := map[string]Resource{}, map[string]plan.Function{}
	for _, function := range c.ofType(functionTypes...) {
		got[strings.TrimPrefix(text(function.get("FunctionName")), c.settings.Name+"-")] = function
	}
	for _, function := range c.names.functions {
		want[function.Name] = function
	}
	sameNames(c, "functions", got, want)
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if planned, ok := want[name]; ok {
			c.function(got[name], planned)
		}
	}
	for _, other := range c.ofType("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy") {
		c.fault("%s adds to a role from outside", other.ID)
	}
}

func (c *checker) function(function Resource, planned plan.Function) {
	for property, want := range map[string]any{
		"Runtime": "provided.al2023", "Handler": planned.Name, "Architectures": "[arm64]",
		"MemorySize": planned.MemoryMB, "Timeout": planned.TimeoutSeconds,
	} {
		c.equal(planned.Name+"'s "+property, function.get(property), want)
	}
	if function.Type == "AWS::Serverless::Function" {
		c.equal(planned.Name+"'s CodeUri", function.get("CodeUri"), "dist/lambda/"+planned.Program()+"/")
		c.equal(planned.Name+"'s SkipBuild", at(function.Metadata, "SkipBuild"), true)
		if function.get("Policies") != nil {
			c.fault("%s has policies besides its role's", planned.Name)
		}
	}
	c.environment(function, planned.Operation)
	logs := c.logGroup(function, planned.Name)
	c.role(function, planned.Operation, logs)
}

func (c *checker) environment(function Resource, op operations.Operation) {
	got, _ := function.get("Environment", "Variables").(map[string]any)
	want := map[string]string{}
	maps.Copy(want, plan.Concurrency)
	for _, name := range op.Environment {
		want[name] = c.variable(name)
	}
	sameNames(c, op.Name+"'s environment", got, want)
	for name, value := range want {
		c.equal(op.Name+"'s "+name, got[name], value)
	}
}

// variable returns a variable's value, as far as it is known before deployment.
func (c *checker) variable(name string) string {
	switch name {
	case operations.EnvHomeRegion:
		return c.names.home
	case operations.EnvReplicas:
		return c.settings.ReplicaTables()
	case operations.EnvTable:
		return c.settings.Name
	case operations.EnvAuditTable:
		return c.settings.AuditTable()
	case operations.EnvSecretsTable:
		return c.settings.SecretsTable()
	case operations.EnvUsageTable:
		return c.settings.UsageTable()
	case operations.EnvPepperKey:
		return c.names.keyID(operations.PepperKey)
	case operations.EnvSecretsKey:
		return c.names.keyID(operations.SecretsKey)
	case operations.EnvCacheTTL:
		return strconv.Itoa(c.settings.CacheTTLSeconds)
	case operations.EnvUsageInterval:
		return strconv.Itoa(operations.UsageInterval.Default)
	case operations.EnvPepperMaxAge:
		return strconv.Itoa(c.settings.PepperMaxAgeSeconds)
	case operations.EnvManagementAPI:
		return c.names.account + "/${" + c.apiID() + "}"
	case operations.EnvGitHubKeys:
		return c.settings.GitHubKeysURL
	case operations.EnvConsoleClient:
		return c.settings.ConsoleClientID
	case operations.EnvConsoleTokens:
		return c.settings.ConsoleTokenEndpoint
	case operations.EnvOIDCIssuer:
		return c.settings.OIDCIssuer
	case operations.EnvOIDCAudience:
		return c.settings.OIDCAudience
	case operations.EnvOIDCClaim:
		return c.settings.OIDCClaim
	case operations.EnvOIDCVerifiesEmail:
		return operations.Switch(c.settings.OIDCVerifiesEmail)
	case operations.EnvOIDCClientAudience:
		return operations.Switch(c.settings.OIDCClientAudience)
	case operations.EnvOIDCOrganization:
		return c.settings.OIDCOrganization
	case operations.EnvEventBus:
		return c.settings.EventBus
	case operations.EnvDomain:
		return c.settings.Domain
	case operations.EnvMetrics:
		return operations.Switch(c.settings.Metrics)
	}
	return "a variable that cfntest does not know"
}

// logGroup checks that a function logs to its own group, which the template must
// contain, and returns the group's ARN.
func (c *checker) logGroup(function Resource, name string) string {
	id := strings.Trim(text(function.get("LoggingConfig", "LogGroup")), "${}")
	group, ok := c.Resources[id]
	if !ok || group.Type != "AWS::Logs::LogGroup" {
		c.fault("%s has no log group of its own", name)
	}
	c.equal(name+"'s log retention", group.get("RetentionInDays"), c.settings.LogRetentionDays)
	c.shared(function, name, "log group", "LoggingConfig", "LogGroup")
	return "${" + id + ".Arn}"
}

// shared reports other functions that have the same property.
func (c *checker) shared(function Resource, name, what string, way ...any) {
	for _, other := range c.ofType(functionTypes...) {
		if other.ID != function.ID && other.get(way...) == function.get(way...) {
			c.fault("%s shares its %s with %s", name, what, other.ID)
		}
	}
}
