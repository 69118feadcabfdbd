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
	want, known := maps.Clone(plan.Concurrency), c.variables()
	for _, name := range op.Environment {
		value, ok := known[name]
		if !ok {
			c.fault("%s has a variable that cfntest does not know: %s", op.Name, name)
		}
		want[name] = value
	}
	sameNames(c, op.Name+"'s environment", got, want)
	for name, value := range want {
		c.equal(op.Name+"'s "+name, got[name], value)
	}
}

// variables returns the variables' values, as far as they are known before
// deployment.
func (c *checker) variables() map[string]string {
	return map[string]string{
		operations.EnvHomeRegion:         c.names.home,
		operations.EnvReplicas:           c.settings.ReplicaTables(),
		operations.EnvTable:              c.settings.Name,
		operations.EnvAuditTable:         c.settings.AuditTable(),
		operations.EnvSecretsTable:       c.settings.SecretsTable(),
		operations.EnvUsageTable:         c.settings.UsageTable(),
		operations.EnvPepperKey:          c.names.keyID(operations.PepperKey),
		operations.EnvSecretsKey:         c.names.keyID(operations.SecretsKey),
		operations.EnvCacheTTL:           strconv.Itoa(c.settings.CacheTTLSeconds),
		operations.EnvUsageInterval:      strconv.Itoa(operations.UsageInterval.Default),
		operations.EnvPepperMaxAge:       strconv.Itoa(c.settings.PepperMaxAgeSeconds),
		operations.EnvManagementAPI:      c.names.account + "/${" + c.apiID() + "}",
		operations.EnvGitHubKeys:         c.settings.GitHubKeysURL,
		operations.EnvConsoleClient:      c.settings.ConsoleClientID,
		operations.EnvConsoleTokens:      c.settings.ConsoleTokenEndpoint,
		operations.EnvOIDCIssuer:         c.settings.OIDCIssuer,
		operations.EnvOIDCAudience:       c.settings.OIDCAudience,
		operations.EnvOIDCClaim:          c.settings.OIDCClaim,
		operations.EnvOIDCVerifiesEmail:  operations.Switch(c.settings.OIDCVerifiesEmail),
		operations.EnvOIDCClientAudience: operations.Switch(c.settings.OIDCClientAudience),
		operations.EnvOIDCOrganization:   c.settings.OIDCOrganization,
		operations.EnvEventBus:           c.settings.EventBus,
		operations.EnvDomain:             c.settings.Domain,
		operations.EnvMetrics:            operations.Switch(c.settings.Metrics),
	}
}

// logGroup checks that a function logs to its own group, which the template must
// contain, and returns the group's ARN.
func (c *checker) logGroup(function Resource, name string) string {
	id := idIn(function.get("LoggingConfig", "LogGroup"))
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
