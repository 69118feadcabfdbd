// Command sam writes template.yaml, the SAM template, from the operation table.
// It is generated because each function has three resources, too many to
// maintain by hand. To write it again, run go generate ./infra/...
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/template"

	"github.com/keyward/keyward/infra/plan"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/operations"
)

//go:generate go run . ../../template.yaml

//go:embed template.yaml.tmpl
var source string

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: sam FILE")
		os.Exit(2)
	}
	rendered, err := render()
	if err == nil {
		err = os.WriteFile(os.Args[1], rendered, 0o644)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "keyward: %v\n", err)
		os.Exit(1)
	}
}

func render() ([]byte, error) {
	defaults := plan.Defaults()
	parsed, err := template.New("template.yaml").Funcs(template.FuncMap{
		"switch": operations.Switch, "arn": arn, "value": value, "quote": quote, "header": header, "statements": statements, "texts": texts,
		"routeID": plan.RouteID, "streamARN": streamARN,
	}).Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, map[string]any{
		"Settings":    defaults,
		"NamePattern": plan.NamePattern,
		"Patterns": map[string]string{
			"Keys":   plan.KeysPattern,
			"Issuer": plan.IssuerPattern, "Audience": plan.AudiencePattern, "Claim": plan.ClaimPattern, "Organization": plan.OrganizationPattern,
			"Domain": plan.DomainPattern, "Bus": plan.BusNamePattern,
		},
		"Batch": plan.StreamBatch, "Retries": plan.StreamRetries, "MostAge": plan.StreamAgeSeconds, "DeadLetterSeconds": plan.DeadLetterSeconds,
		"MaxDomain":     operations.MaxDomain,
		"LogRetentions": plan.LogRetentions,
		"CacheTTL":      operations.CacheTTL,
		"PepperMaxAge":  operations.PepperMaxAge,
		"Functions":     plan.Functions(),
		"Concurrency":   plan.Concurrency,
		"Responses":     operations.ManagementResponses(defaults.Base()),
		"Origin":        operations.CORSHeaders["Access-Control-Allow-Origin"],
		"Headers":       operations.PreflightHeaders,
		"Stage":         plan.Stage,
		"Compression":   plan.CompressionBytes,
		"AccessLog":     plan.AccessLogFormat,
		"Primary":       [2]string{schema.PartitionKey, schema.SortKey},
		"Listing":       [2]string{schema.ListingPartitionKey, schema.ListingSortKey},
		"Records": []records{
			{ID: "Table", Index: schema.Listing, TimeToLive: schema.TimeToLive},
			{ID: "AuditTable", Suffix: strings.TrimPrefix(defaults.AuditTable(), defaults.Name)},
			{ID: "SecretsTable", Suffix: strings.TrimPrefix(defaults.SecretsTable(), defaults.Name)},
			{ID: "UsageTable", Suffix: strings.TrimPrefix(defaults.UsageTable(), defaults.Name), Index: schema.Used, TimeToLive: schema.TimeToLive},
		},
	})
	return out.Bytes(), err
}

// records is a table. Its name is the main table's name plus Suffix. Index is the
// name of its index, and TimeToLive the attribute of that name; both may be empty.
type records struct{ ID, Suffix, Index, TimeToLive string }

// statements returns the statements of a function's role. CloudFormation fills
// in names and region.
func statements(function plan.Function) []plan.Statement {
	return plan.Statements(function.Operation, "${Name}", "${AWS::Region}")
}

// arn returns a resource as the policy of a function names it.
func arn(function plan.Function, resource operations.Resource) (string, error) {
	arns := map[operations.Resource]string{
		operations.Table:        "!GetAtt Table.Arn",
		operations.Listing:      "!Sub ${Table.Arn}/index/" + schema.Listing,
		operations.AuditTable:   "!GetAtt AuditTable.Arn",
		operations.SecretsTable: "!GetAtt SecretsTable.Arn",
		operations.UsageTable:   "!GetAtt UsageTable.Arn",
		operations.UsageIndex:   "!Sub ${UsageTable.Arn}/index/" + schema.Used,
		operations.PepperKey:    "!GetAtt PepperKey.Arn",
		operations.SecretsKey:   "!GetAtt SecretsKey.Arn",
		operations.TableKey:     "!GetAtt TableKey.Arn",
		operations.DeadLetters:  "!GetAtt " + function.LogicalID + "DeadLetters.Arn",
		operations.EventBus:     "!Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/${EventBus}",

		operations.StreamOf(operations.AuditTable): "!Sub ${AuditTable.Arn}/stream/*",
		operations.StreamOf(operations.UsageTable): "!Sub ${UsageTable.Arn}/stream/*",
	}
	if text, ok := arns[resource]; ok {
		return text, nil
	}
	return "", fmt.Errorf("the operation table names an unknown resource: %s", resource)
}

// streamARN returns the ARN of a table's stream.
func streamARN(table operations.Resource) string {
	return "!GetAtt " + plan.LogicalID(string(table)) + ".StreamArn"
}

// value returns an environment variable's value. It uses the names of tables and
// keys instead of references. sam local would replace a reference to a table
// with its logical id, and the ARN of a key with that of a function that does
// not exist.
func value(variable string) (string, error) {
	values := map[string]string{
		operations.EnvHomeRegion:    "!Ref AWS::Region",
		operations.EnvTable:         "!Ref Name",
		operations.EnvReplicas:      `""`, // one region
		operations.EnvAuditTable:    "!Sub ${Name}-audit",
		operations.EnvSecretsTable:  "!Sub ${Name}-secrets",
		operations.EnvUsageTable:    "!Sub ${Name}-usage",
		operations.EnvPepperKey:     "!Sub alias/${Name}/peppers",
		operations.EnvSecretsKey:    "!Sub alias/${Name}/secrets",
		operations.EnvCacheTTL:      "!Ref CacheTtlSeconds",
		operations.EnvUsageInterval: strconv.Quote(strconv.Itoa(operations.UsageInterval.Default)),
		operations.EnvPepperMaxAge:  "!Ref PepperMaxAgeSeconds",
		operations.EnvManagementAPI: "!Sub ${AWS::AccountId}/${Api}",

		operations.EnvConsoleClient:      "!Ref ConsoleClientId",
		operations.EnvConsoleTokens:      "!Ref ConsoleTokenUrl",
		operations.EnvGitHubKeys:         "!Ref GithubKeysUrl",
		operations.EnvOIDCIssuer:         "!Ref OidcIssuer",
		operations.EnvOIDCAudience:       "!Ref OidcAudience",
		operations.EnvOIDCClaim:          "!Ref OidcClaim",
		operations.EnvOIDCVerifiesEmail:  "!Ref OidcVerifiesEmail",
		operations.EnvOIDCClientAudience: "!Ref OidcClientAudience",
		operations.EnvOIDCOrganization:   "!Ref OidcOrganization",
		operations.EnvDomain:             "!Ref Domain",
		operations.EnvEventBus:           "!Ref EventBus",
		operations.EnvMetrics:            "!Ref Metrics",
	}
	if text, ok := values[variable]; ok {
		return text, nil
	}
	return "", fmt.Errorf("the operation table names an unknown variable: %s", variable)
}

// texts returns texts that may hold references, as a single text or a list.
func texts(values []string) string {
	var all []string
	for _, value := range values {
		if strings.Contains(value, "${") {
			value = "!Sub " + value
		} else {
			value = strconv.Quote(value)
		}
		all = append(all, value)
	}
	if len(all) == 1 {
		return all[0]
	}
	return "[" + strings.Join(all, ", ") + "]"
}

// quote returns a text as a YAML scalar; every JSON string is one.
func quote(text string) (string, error) {
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(text)
	return strings.TrimSpace(out.String()), err
}

// header returns a constant in the syntax of API Gateway's mappings.
func header(value string) (string, error) { return quote("'" + value + "'") }
