package gateway

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/iam"
)

const testARN = "arn:aws:execute-api:us-east-1:000000000000:keyward/v1/GET/v1/apikeys/abc:d"

// A policy is evaluated as IAM does: an explicit Deny wins in any place, and
// nothing is allowed without a statement.
func TestPolicyEvaluation(t *testing.T) {
	allow := func(action, resource string) string {
		return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}`
	}
	deny := func(resource string) string {
		return `{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"` + resource + `"}`
	}
	const base = "arn:aws:execute-api:us-east-1:000000000000:keyward/"
	for _, c := range []struct {
		name, statements string
		want             bool
	}{
		{"exact", allow("execute-api:Invoke", testARN), true},
		{"one statement that is no list", "!" + allow("execute-api:Invoke", testARN), true},
		{"everything", allow("*", "*"), true},
		{"every action of the service", allow("execute-api:*", base+"*"), true},
		{"an action's case does not count", allow("EXECUTE-API:invoke", testARN), true},
		{"another action", allow("execute-api:ManageConnections", testARN), false},
		{"another service", allow("lambda:*", "*"), false},
		{"a resource's case counts", allow("*", strings.ToUpper(testARN)), false},
		{"a star spans slashes", allow("*", base+"v1/GET/*"), true},
		{"a star in the middle", allow("*", base+"*/GET/v1/apikeys/*"), true},
		{"another method", allow("*", base+"v1/POST/*"), false},
		{"another stage", allow("*", base+"v2/*"), false},
		{"another API", allow("*", "arn:aws:execute-api:us-east-1:000000000000:other/*"), false},
		{"another account", allow("*", "arn:aws:execute-api:us-east-1:111111111111:keyward/*"), false},
		{"any region and account", allow("*", "arn:aws:execute-api:*:*:keyward/*"), true},
		{"a star does not span a colon before the resource", allow("*", "arn:aws:*keyward/*"), false},
		{"parts that are missing match anything", allow("*", "arn:aws:execute-api"), true},
		{"missing parts, another service", allow("*", "arn:aws:s3"), false},
		{"a question mark is one character", allow("*", base+"v?/GET/v1/apikeys/abc:d"), true},
		{"a question mark is not none", allow("*", testARN+"?"), false},
		{"a prefix is not enough", allow("*", base+"v1/GET/v1/apikeys"), false},
		{"not an ARN", allow("*", "keyward/*"), false},
		{"deny after allow", allow("*", "*") + "," + deny(testARN), false},
		{"deny before allow", deny(base+"*") + "," + allow("*", "*"), false},
		{"deny of something else", allow("*", "*") + "," + deny(base+"v1/POST/*"), true},
		{"deny alone", deny("*"), false},
		{"lists", `{"Effect":"Allow","Action":["lambda:*","execute-api:Invoke"],"Resource":["` + base + `x","` + testARN + `"]}`, true},
		{"lists without it", `{"Effect":"Allow","Action":["execute-api:Invoke"],"Resource":["` + base + `x"]}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			list := "[" + c.statements + "]"
			if single, found := strings.CutPrefix(c.statements, "!"); found {
				list = single
			}
			p, err := parsePolicy(json.RawMessage(`{"Version":"2012-10-17","Statement":` + list + `}`))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Allows(iam.Request{Action: "execute-api:Invoke", Resource: testARN}); got != c.want {
				t.Errorf("allowed %v, want %v", got, c.want)
			}
		})
	}
}

// A policy with elements that are not evaluated here is refused entirely, so it
// never allows by mistake.
func TestPolicyRefused(t *testing.T) {
	for _, c := range []struct{ name, text string }{
		{"missing", ``},
		{"null", `null`},
		{"a string", `"Allow"`},
		{"no statement", `{"Version":"2012-10-17","Statement":[]}`},
		{"statement missing", `{"Version":"2012-10-17"}`},
		{"null statement", `{"Version":"2012-10-17","Statement":[null]}`},
		{"unknown version", `{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`},
		{"unknown element", `{"Statements":[],"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`},
		{"effect in lower case", `{"Statement":[{"Effect":"allow","Action":"*","Resource":"*"}]}`},
		{"no effect", `{"Statement":[{"Action":"*","Resource":"*"}]}`},
		{"no action", `{"Statement":[{"Effect":"Allow","Resource":"*"}]}`},
		{"no resource", `{"Statement":[{"Effect":"Allow","Action":"*"}]}`},
		{"empty resources", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":[]}]}`},
		{"null resource", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":null}]}`},
		{"null in resources", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":[null]}]}`},
		{"numbers", `{"Statement":[{"Effect":"Allow","Action":"*","Resource":[1]}]}`},
		{"NotAction", `{"Statement":[{"Effect":"Allow","NotAction":"x","Resource":"*"}]}`},
		{"NotResource", `{"Statement":[{"Effect":"Deny","Action":"*","NotResource":"*"}]}`},
		{"Condition", `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{}}]}`},
		{"Principal", `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Principal":"*"}]}`},
	} {
		if p, err := parsePolicy(json.RawMessage(c.text)); err == nil {
			t.Errorf("%s: accepted as %+v", c.name, p)
		}
	}
}
