package cfntest

import (
	"os"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/plan"
)

// checkText checks a template's text and returns its faults as one text.
func checkText(t *testing.T, text string) string {
	t.Helper()
	template, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(Check(template, plan.Defaults()), "\n")
}

func samTemplate(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The check can fail: it finds and names each of these changes to a good
// template.
func TestCheckFinds(t *testing.T) {
	good := samTemplate(t)
	if faults := checkText(t, good); faults != "" {
		t.Fatalf("template.yaml is not what the table of operations asks for: run make generate, or correct infra/sam/template.yaml.tmpl:\n%s", faults)
	}
	for _, test := range breaks {
		t.Run(test.name, func(t *testing.T) {
			bad := strings.ReplaceAll(good, test.old, test.new)
			if bad == good {
				t.Fatalf("the template does not contain %q", test.old)
			}
			if faults := checkText(t, bad); !strings.Contains(faults, test.fault) {
				t.Errorf("the faults do not name %q:\n%s", test.fault, faults)
			}
		})
	}
}

// breaks are changes to a good template, and what their faults must name.
var breaks = []struct{ name, old, new, fault string }{
	{"an action too much", "- dynamodb:BatchGetItem\n", "- dynamodb:BatchGetItem\n                  - dynamodb:Scan\n", "dynamodb:Scan on table if dynamodb:LeadingKeys"},
	{"an action too few", "                  - dynamodb:ConditionCheckItem\n", "", "ORG#* if dynamodb:LeadingKeys Null false is missing"},
	{"a wildcard action", "- dynamodb:BatchGetItem\n", "- dynamodb:*\n", "dynamodb:* on table if dynamodb:LeadingKeys"},
	{"a wildcard resource", "Resource: !GetAtt AuditTable.Arn", `Resource: "*"`, "dynamodb:PutItem on * if dynamodb:LeadingKeys"},
	{"another table", "Resource: !GetAtt AuditTable.Arn", "Resource: !GetAtt Table.Arn", "dynamodb:PutItem on table if dynamodb:LeadingKeys ForAllValues:StringLike ORG#* if dynamodb:EnclosingOperation"},
	{"a key without its condition", "kms:ViaService:", "aws:SourceArn:", "if kms:ViaService"},
	{"a record outside a change", "                  \"ForAnyValue:StringEquals\":\n                    dynamodb:EnclosingOperation: \"TransactWriteItems\"\n", "", "if dynamodb:EnclosingOperation ForAnyValue:StringEquals TransactWriteItems if dynamodb:LeadingKeys Null false is missing"},
	{"more in an encryption context", `["service", "table", "version"]`, `["service", "table", "version", "more"]`, "if kms:EncryptionContextKeys ForAllValues:StringEquals service or table or version"},
	{"another context", `kms:EncryptionContext:service: "keyward"`, "kms:EncryptionContext:service: other", "service StringEquals other"},
	{"all items of a table", `dynamodb:LeadingKeys: "ORG#*"`, `dynamodb:LeadingKeys: "*"`, "if dynamodb:LeadingKeys ForAllValues:StringLike ORG#* if dynamodb:LeadingKeys Null false is missing"},
	{"another role's log", "Resource: !GetAtt WhoamiLogs.Arn", "Resource: !GetAtt AuthorizerLogs.Arn", "logs:PutLogEvents on own log is missing"},
	{"a shared log", "LogGroup: !Ref WhoamiLogs", "LogGroup: !Ref AuthorizerLogs", "shares its log group"},
	{"a shared role", "Role: !GetAtt WhoamiRole.Arn", "Role: !GetAtt AuthorizerRole.Arn", "shares its role"},
	{"a denial", "Effect: Allow\n                Action: [logs", "Effect: Deny\n                Action: [logs", "not a plain Allow"},
	{"another trust", "Service: lambda.amazonaws.com", `AWS: "*"`, "trusted party"},
	{"a managed policy", "      Policies:\n", "      ManagedPolicyArns: [arn:aws:iam::aws:policy/AdministratorAccess]\n      Policies:\n", "managed policies"},
	{"a variable too much", "          GOMAXPROCS: \"1\"\n", "          GOMAXPROCS: \"1\"\n          KEYWARD_DEBUG: \"1\"\n", "KEYWARD_DEBUG is too much"},
	{"a variable too few", "          KEYWARD_CACHE_TTL_SECONDS: !Ref CacheTtlSeconds\n", "", "KEYWARD_CACHE_TTL_SECONDS is missing"},
	{"another value", "KEYWARD_TABLE: !Ref Name", "KEYWARD_TABLE: !Sub ${Name}-audit", "KEYWARD_TABLE is"},
	{"copies with the peppers' key", "KEYWARD_SECRETS_KEY: !Sub alias/${Name}/secrets", "KEYWARD_SECRETS_KEY: !Sub alias/${Name}/peppers", "KEYWARD_SECRETS_KEY is"},
	{"a route elsewhere", `Path: "/v1/whoami"`, `Path: "/v1/who"`, "GET /v1/whoami is missing"},
	{"an open route", "Path: \"/v1/whoami\"\n", "Path: \"/v1/whoami\"\n            Auth: {Authorizer: NONE}\n", "GET /v1/whoami is"},
	{"a closed public route", "Authorizer: NONE", "Authorizer: Keyward", "GET /v1/openapi.json is"},
	{"a cached decision", "ReauthorizeEvery: 0", "ReauthorizeEvery: 300", "cache, in seconds"},
	{"the gateway's default cache", "              ReauthorizeEvery: 0\n", "", "cache, in seconds"},
	{"another authorizer", "function:${Name}-authorizer", "function:${Name}-whoami", "authorizer's function"},
	{"no permission", ":${Api}/authorizers/*", ":${Api}/GET/*", "who may call authorizer: authorizers/* is missing"},
	{"a permission for every API", ":${Api}/authorizers/*", ":*/authorizers/*", "not for this API alone"},
	{"a permission for every rule", "SourceArn: !GetAtt SweepRule.Arn", "SourceArn: \"*\"", "not for the rule"},
	{"another schedule", "rate(5 minutes)", "rate(1 day)", "the schedule of"},
	{"no schedule", "State: ENABLED", "State: DISABLED", "state"},
	{"another function's schedule", "Arn: !GetAtt SweepFunction.Arn\n", "Arn: !GetAtt WhoamiFunction.Arn\n", "functions on a schedule: WhoamiFunction is too much"},
	{"a permission for everyone", "Principal: apigateway.amazonaws.com", `Principal: "*"`, "AuthorizerPermission's principal"},
	{"another status", "StatusCode: 401", "StatusCode: 403", "gateway response UNAUTHORIZED"},
	{"no challenge", "WWW-Authenticate: \"'B", "X-Authenticate: \"'B", "gateway response UNAUTHORIZED"},
	{"a response too few", "        THROTTLED:\n", "        WAF_FILTERED:\n", "THROTTLED is missing"},
	{"preflights guarded", "AddDefaultAuthorizerToCorsPreflight: false", "AddDefaultAuthorizerToCorsPreflight: true", "preflights"},
	{"other preflight headers", "If-Match,", "", "allowed headers"},
	{"data tracing", "DataTraceEnabled: false", "DataTraceEnabled: true", "methods' data tracing"},
	{"tokens of another issuer", "KEYWARD_OIDC_ISSUER: !Ref OidcIssuer", "KEYWARD_OIDC_ISSUER: https://example.com", "KEYWARD_OIDC_ISSUER is"},
	{"a dialect's route elsewhere", `Path: "/enterprise/v2/{proxy+}"`, `Path: "/enterprise/{proxy+}"`, "ANY /enterprise/v2/{proxy+} is missing"},
	{"a credential in the log", `\"ip\":`, `\"key\":\"$context.identity.apiKey\",\"ip\":`, "access log's format"},
	{"no deletion protection", "DeletionProtectionEnabled: true", "DeletionProtectionEnabled: false", "deletion protection"},
	{"no recovery", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false", "point-in-time recovery"},
	{"no retention", "DeletionPolicy: Retain", "DeletionPolicy: Delete", "not retained"},
	{"one key for all", "KMSMasterKeyId: !GetAtt TableKey.Arn", "KMSMasterKeyId: !GetAtt PepperKey.Arn", "the key of Table is"},
	{"a key for another purpose", "AliasName: !Sub alias/${Name}/secrets", "AliasName: !Sub alias/${Name}/copies", "key aliases: secrets is missing"},
	{"copies under the peppers' key", "TargetKeyId: !GetAtt SecretsKey.Arn", "TargetKeyId: !GetAtt PepperKey.Arn", "SecretsKey has no alias"},
	{"copies without their purpose", "kms:EncryptionContext:purpose", "kms:EncryptionContext:table", "purpose StringEquals recoverable-key if"},
	{"no rotation", "EnableKeyRotation: true", "EnableKeyRotation: false", "rotation"},
	{"another index", "IndexName: listing", "IndexName: list", "index is"},
	{"another sort key", "AttributeName: lsk, KeyType", "AttributeName: sk, KeyType", "index's key"},
	{"another table's name", "TableName: !Ref Name", "TableName: !Sub ${Name}-main", "keyward is missing"},
	{"another machine", "Architectures: [arm64]", "Architectures: [x86_64]", "Architectures"},
	{"a build by SAM", "SkipBuild: true", "SkipBuild: false", "SkipBuild"},
	{"another program", "dist/lambda/authorizer/", "dist/lambda/functions/", "CodeUri"},
	{"another operation", "Handler: whoami\n", "Handler: bootstrap\n", "Handler"},
	{"logs for ever", "RetentionInDays: !Ref LogRetentionDays", "RetentionInDays: 3653", "retention"},
}
