package cfntest

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
)

// proof checks a SAM template's text against the recording.
func proof(t *testing.T, text string) string {
	t.Helper()
	template, err := Read([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	calls, err := iam.ReadCalls("../iam/testdata/calls.json")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(Prove(template, plan.Defaults(), calls), "\n")
}

// The SAM template's roles allow every call that the functions made in the
// end-to-end and conformance tests, and otherwise only what the operation table
// names.
func TestRolesAreProved(t *testing.T) {
	if faults := proof(t, samTemplate(t)); faults != "" {
		t.Error(faults)
	}
}

// The proof can fail: it finds each of these changes to a good template.
func TestProofFinds(t *testing.T) {
	good := samTemplate(t)
	batch := func(keys string) string {
		return "              - Sid: ItemsKeyOrg\n                Effect: Allow\n                Action:\n                  - dynamodb:BatchGetItem\n" +
			"                Resource: !GetAtt Table.Arn\n                Condition:\n                  \"ForAllValues:StringLike\":\n" +
			"                    dynamodb:LeadingKeys: " + keys + "\n                  \"Null\":\n                    dynamodb:LeadingKeys: \"false\"\n"
	}
	for _, test := range []struct{ name, old, new, fault string }{
		{"an action too few", "                  - dynamodb:ConditionCheckItem\n", "", "the role of update-user denies a call that it makes: dynamodb:ConditionCheckItem on table"},
		{"an action too much", "- dynamodb:Query\n", "- dynamodb:Query\n                  - dynamodb:Scan\n", "authorizer may dynamodb:Scan on ${Table.Arn} map[dynamodb:EnclosingOperation:[TransactWriteItems] dynamodb:LeadingKeys:[PEPPER]]: true, want false"},
		{"all items", `dynamodb:LeadingKeys: "ORG#*"`, `dynamodb:LeadingKeys: "*"`, "list-policies may dynamodb:Query on ${Table.Arn} map[dynamodb:EnclosingOperation:[TransactWriteItems] dynamodb:LeadingKeys:[PEPPER]]: true, want false"},
		{"too few items", `["KEY#*", "ORG#*"]`, `["KEY#*"]`, "the role of get-apikey denies a call that it makes: dynamodb:BatchGetItem on table map[dynamodb:LeadingKeys:[KEY#* ORG#*]]"},
		{"a statement for each kind", batch(`["KEY#*", "ORG#*"]`), batch(`"KEY#*"`) + batch(`"ORG#*"`), "the role of whoami denies a call that it makes: dynamodb:BatchGetItem on table map[dynamodb:LeadingKeys:[KEY#* ORG#*]]"},
		{"items that are not known", "                  \"Null\":\n                    dynamodb:LeadingKeys: \"false\"\n", "", "whoami may dynamodb:BatchGetItem on ${Table.Arn} map[]: true, want false"},
		{"no condition on items", "ForAllValues:StringLike", "ForAnyValue:StringLike", "not evaluated here"},
		{"every index", "${Table.Arn}/index/listing", "${Table.Arn}/index/*", "list-apikeys's role has a wildcard"},
		{"another table", "Resource: !GetAtt AuditTable.Arn", "Resource: !GetAtt SecretsTable.Arn", "create-user may dynamodb:PutItem on ${SecretsTable.Arn} map[dynamodb:EnclosingOperation:[TransactWriteItems] dynamodb:LeadingKeys:[ORG#demo]]: true, want false"},
		{"any pepper", "                    kms:EncryptionContext:table: !Sub ${Name}\n", "", "authorizer may kms:Decrypt on ${PepperKey.Arn} map[kms:EncryptionContext:service:[keyward] kms:EncryptionContext:table:[keyward2] kms:EncryptionContext:version:[1] kms:EncryptionContextKeys:[service table version]]: true, want false"},
		{"another's peppers", "kms:EncryptionContext:table: !Sub ${Name}", "kms:EncryptionContext:table: other", "the role of authorizer denies a call that it makes: kms:Decrypt on pepper-key"},
		{"a pepper of no version", "                  \"Null\":\n                    kms:EncryptionContext:version: \"false\"\n", "", "map[kms:EncryptionContext:service:[keyward] kms:EncryptionContext:table:[keyward] kms:EncryptionContextKeys:[service table]]: true, want false"},
		{"another key's context too", `["service", "table", "version"]`, `["service", "table", "version", "x"]`, "kms:EncryptionContextKeys:[service table version x]]: true, want false"},
		{"a transaction seen as a whole", "                    dynamodb:LeadingKeys: [\"ORG#*\", \"PENDING\"]\n", "                    dynamodb:LeadingKeys: \"PENDING\"\n", "the role of delete-policy denies a call that it makes: dynamodb:PutItem on table map[dynamodb:EnclosingOperation:[TransactWriteItems] dynamodb:LeadingKeys:[ORG#* PENDING]]"},
		{"a record outside a change", "                  \"ForAnyValue:StringEquals\":\n                    dynamodb:EnclosingOperation: \"TransactWriteItems\"\n", "", "may dynamodb:PutItem on ${AuditTable.Arn} map[dynamodb:LeadingKeys:[ORG#demo]]: true, want false"},
		{"all of the listing", "              - Sid: ListingOrg\n                Effect: Allow\n                Action:\n                  - dynamodb:Query\n                Resource: !Sub ${Table.Arn}/index/listing\n                Condition:\n                  \"ForAllValues:StringLike\":\n                    dynamodb:LeadingKeys: \"ORG#*\"\n", "              - Sid: ListingOrg\n                Effect: Allow\n                Action:\n                  - dynamodb:Query\n                Resource: !Sub ${Table.Arn}/index/listing\n                Condition:\n", "list-apikeys may dynamodb:Query on ${Table.Arn}/index/listing"},
		{"a wildcard action", "- kms:Decrypt\n", "- kms:*\n", "authorizer may kms:DisableKey on ${TableKey.Arn}"},
		{"what cannot be evaluated", "                Resource: !GetAtt TableKey.Arn", "                NotResource: !GetAtt TableKey.Arn", "an element NotResource"},
	} {
		t.Run(test.name, func(t *testing.T) {
			bad := strings.ReplaceAll(good, test.old, test.new)
			if bad == good {
				t.Fatalf("the template does not contain %q", test.old)
			}
			if faults := proof(t, bad); !strings.Contains(faults, test.fault) {
				t.Errorf("the faults do not name %q:\n%.2000s", test.fault, faults)
			}
		})
	}
}
