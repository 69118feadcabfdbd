package gateway

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// wholeAPI returns a decision about a whole API.
func wholeAPI(outcome verify.Outcome, c routing.PolicyResources) verify.Decision {
	d := allowed("/v1/apikeys")
	d.Outcome, d.Resources = outcome, &c
	if outcome != verify.Allowed {
		d.Code = verify.RouteNotRegistered
	}
	return d
}

// A policy for a whole API is the same for every requested route, byte for byte.
// Its context names the caller, and the code for routes that the caller may not
// use.
func TestWholeAPIAnswers(t *testing.T) {
	const stage = "arn:aws:execute-api:us-east-1:123456789012:keyward/v1/"
	const context = `"context":{"orgId":"acme","keyId":"` + keyIDText + `","keyType":"service","userId":"","permissions":"AccessQueries ManageFiles"`
	begin := `{"principalId":"` + keyIDText + `","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke",`
	for name, test := range map[string]struct {
		resources routing.PolicyResources
		want      string
	}{
		"some": {routing.PolicyResources{Allow: []string{"GET/a/*", "GET/b"}, Deny: []string{"GET/a/x", "*%*"}},
			begin + `"Effect":"Allow","Resource":["` + stage + `GET/a/*","` + stage + `GET/b"]},` +
				`{"Action":"execute-api:Invoke","Effect":"Deny","Resource":["` + stage + `GET/a/x","` + stage + `*%*"]}]},` + context + `,"code":"PERMISSION_MISSING"}}`},
		"literals": {routing.PolicyResources{Allow: []string{"GET/b"}},
			begin + `"Effect":"Allow","Resource":["` + stage + `GET/b"]}]},` + context + `,"code":"PERMISSION_MISSING"}}`},
		"all": {routing.PolicyResources{Allow: []string{"*"}, AllOpen: true},
			begin + `"Effect":"Allow","Resource":["` + stage + `*"]}]},` + context + `}}`},
		"nothing": {routing.PolicyResources{}, begin + `"Effect":"Deny","Resource":["` + stage + `*"]}]},"context":{"code":"PERMISSION_MISSING"}}`},
	} {
		for _, outcome := range []verify.Outcome{verify.Allowed, verify.Forbidden} {
			got, log, err := call(t, &decider{decision: wholeAPI(outcome, test.resources)}, load(t, "rest-request"))
			if err != nil || got != test.want || (log == "") != (outcome == verify.Allowed) {
				t.Errorf("%s: answered %s\nwant %s\nlogged %s, %v", name, got, test.want, log, err)
			}
		}
	}
}

// AppSync's answer says how long to cache it.
func TestAppSyncIsToldATime(t *testing.T) {
	d := allowed("/graphql")
	d.TTL = time.Minute
	got, _, err := call(t, &decider{decision: d}, load(t, "appsync"))
	if err != nil || !strings.HasSuffix(got, `,"deniedFields":[],"ttlOverride":60}`) {
		t.Errorf("answered %s, %v", got, err)
	}
}

// largest returns a service of 500 routes, half of them with a parameter, each
// with its own permission, and a caller with every other permission.
func largest() (apikey.Service, permission.Set) {
	s := apikey.Service{ID: "large", Cache: routing.GatewayCache{Seconds: 300}}
	var held []string
	for i := range apikey.MaxServiceRoutes {
		name := fmt.Sprintf("Permission.Of.Route.%03d", i)
		path := fmt.Sprintf("/v1/things-%03d", i/4)
		if i%2 == 1 {
			path += "/{id}"
		}
		s.Permissions = append(s.Permissions, apikey.Permission{Name: name})
		s.Routes = append(s.Routes, routing.Route{Method: []string{"GET", "GET", "DELETE", "DELETE"}[i%4], Path: path, Permissions: []string{name}})
		if i%3 > 0 {
			held = append(held, name)
		}
	}
	return s, permission.NewSet(held...)
}

// maxUsualPolicy is the maximum size in bytes of the policy for the largest
// service with usual paths, as in the README.
const maxUsualPolicy = 96 << 10

// With 500 routes and 500 permissions, the policy is smaller than 96 kB, and
// each resource has at most 512 characters.
func TestSizeOfCachedPolicies(t *testing.T) {
	service, held := largest()
	resources := routing.NewPolicyCompiler(service.Routes, service.Unlisted, false).Compile(held)
	answer, _, err := call(t, &decider{decision: wholeAPI(verify.Allowed, resources)}, load(t, "rest-request"))
	if err != nil || len(answer) > maxUsualPolicy || len(resources.Allow) < 300 || len(resources.Deny) < 100 {
		t.Errorf("%d bytes, %d allowed, %d denied, %v", len(answer), len(resources.Allow), len(resources.Deny), err)
	}
	var policy struct {
		PolicyDocument struct{ Statement []struct{ Resource []string } }
	}
	if err := json.Unmarshal([]byte(answer), &policy); err != nil {
		t.Fatal(err)
	}
	for _, statement := range policy.PolicyDocument.Statement {
		for _, resource := range statement.Resource {
			if len(resource) > 512 {
				t.Errorf("%s has %d characters", resource, len(resource))
			}
		}
	}
}

// BenchmarkWholeAPIPolicy measures filtering and writing such a policy.
func BenchmarkWholeAPIPolicy(b *testing.B) {
	service, held := largest()
	compiler := routing.NewPolicyCompiler(service.Routes, service.Unlisted, false)
	q := question{arn: methodARN{stage: "arn:aws:execute-api:us-east-1:123456789012:keyward/v1"}}
	b.ReportAllocs()
	for b.Loop() {
		c := compiler.Compile(held)
		_ = appendWholeAPI(make([]byte, 0, answerSize), q.arn, wholeAPI(verify.Allowed, c))
	}
}

// BenchmarkPolicyCompiler measures what a service's record costs once.
func BenchmarkPolicyCompiler(b *testing.B) {
	service, _ := largest()
	b.ReportAllocs()
	for b.Loop() {
		routing.NewPolicyCompiler(service.Routes, service.Unlisted, false)
	}
}
