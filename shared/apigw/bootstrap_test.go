package apigw_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/routing"
)

const wholeSetup = `{
	"organization": {"id": "acme", "name": "Acme", "keyPrefix": "acme", "maxKeys": 3, "recoverable": true},
	"owner": {"email": "ann@example.com", "name": "Ann"},
	"services": [{
		"id": "things", "name": "Things", "apis": [{"account": "123456789012", "id": "abc"}],
		"permissions": [{"name": "ReadThings", "description": "Read things"}],
		"routes": [{"method": "GET", "path": "/things/{id}", "permissions": ["ReadThings"]}]
	}],
	"adminKey": "Root"
}`

func (s *stage) bootstrap(event string) (string, error) { return s.direct("bootstrap", event) }

// direct invokes an operation without a route.
func (s *stage) direct(name, event string) (string, error) {
	s.t.Helper()
	found, _ := apigw.Find(s.api, name)
	answer, err := found.(apigw.DirectHandler)(s.t.Context(), []byte(event))
	return string(answer), err
}

type setupAnswer struct {
	Organization  struct{ ID, Name, KeyPrefix string }
	Owner         struct{ Email string }
	PepperVersion int
	AdminKey      *wireKey
	Note          string
}

// Bootstrap creates everything in its event and shows the admin key once. A
// second run changes nothing and says how to get another key.
func TestBootstrap(t *testing.T) {
	s := newStage(t)
	text, err := s.bootstrap(wholeSetup)
	if err != nil {
		t.Fatal(err)
	}
	first := decode[setupAnswer](t, text)
	if first.Organization.ID != "acme" || first.Organization.Name != "Acme" || first.Organization.KeyPrefix != "acme" || first.PepperVersion != 1 || first.Note != "" {
		t.Errorf("made %+v", first.Organization)
	}
	key, err := keytext.Parse(first.AdminKey.APIKey)
	if err != nil || key.Prefix() != "acme" || first.AdminKey.Type != "personal" || first.AdminKey.OnBehalfOfEmail != "ann@example.com" || first.Owner.Email != "ann@example.com" {
		t.Errorf("admin key %v of %+v", key, first.AdminKey)
	}
	service, err := s.store.Service(t.Context(), routing.API{Account: "123456789012", ID: "abc"})
	if err != nil || service.Org != "acme" || len(service.Routes) != 1 || service.Routes[0].Permissions[0] != "ReadThings" {
		t.Errorf("service %+v, %v", service, err)
	}
	text, err = s.bootstrap(wholeSetup)
	if err != nil {
		t.Fatal(err)
	}
	second := decode[setupAnswer](t, text)
	if second.AdminKey != nil || !strings.Contains(text, `"adminKey":null`) || !strings.Contains(second.Note, "another adminKey") {
		t.Errorf("again: %s", text)
	}
}

// In an AWS account, the sample event is refused: the faults name its owner and
// its account, and nothing is created. The local stack and emulators, whose
// account does not exist, accept it.
func TestBootstrapRefusesTheSample(t *testing.T) {
	sample, err := os.ReadFile("../../events/bootstrap.json")
	if err != nil {
		t.Fatal(err)
	}
	for account, refused := range map[string]bool{"111122223333": true, "123456789012": false, "012345678912": false, "": false} {
		s := newStage(t)
		found, _ := apigw.Find(s.api, "bootstrap")
		ctx := t.Context()
		if account != "" {
			ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{InvokedFunctionArn: "arn:aws:lambda:eu-central-1:" + account + ":function:keyward-bootstrap"})
		}
		_, err := found.(apigw.DirectHandler)(ctx, []byte(strings.ReplaceAll(string(sample), `"demo"`, `"acme"`)))
		if (err != nil) != refused {
			t.Errorf("in account %q: %v", account, err)
		}
		for _, place := range []string{"owner.email: ", "organization.accounts[0]: ", "services[0].apis[0].account: "} {
			if refused && !strings.Contains(err.Error(), place) {
				t.Errorf("%s is not named: %v", place, err)
			}
		}
		own := strings.NewReplacer("owner@example.com", "ann@example.com", "123456789012", "111122223333", `"demo"`, `"acme"`, "Admin", "Admin of Ann").Replace(string(sample))
		if _, err := found.(apigw.DirectHandler)(ctx, []byte(own)); err != nil {
			t.Errorf("in account %q, edited: %v", account, err)
		}
	}
}

// All faults of an event are reported at once, each with its place. A failure
// says what was being done, never why it failed.
func TestBootstrapFaults(t *testing.T) {
	s := newStage(t)
	for event, want := range map[string][]string{
		`{}`:   {"INVALID_REQUEST", "organization: ", "owner: ", "adminKey: "},
		``:     {"INVALID_REQUEST", "body: "},
		`null`: {"INVALID_REQUEST", "body: "},
		`{"organization":{"id":"acme","maxkeys":1},"adminKey":"Root"}`:                        {"organization.maxkeys: "},
		`{"organization":{"id":"-"},"owner":{"email":"x","name":"X"},"adminKey":"Root"}`:      {"organization.id: ", "owner.email: "},
		`{"organization":{"id":"acme"},"adminKey":"Root","services":[{"id":"x","apis":[1]}]}`: {"services[0].name: ", "services[0].apis[0]: "},
	} {
		answer, err := s.bootstrap(event)
		fault, ok := errors.AsType[*apigw.DirectError](err)
		if answer != "" || !ok || fault.Code != "INVALID_REQUEST" {
			t.Errorf("%s gave %s, %v", event, answer, err)
			continue
		}
		for _, part := range want {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s gave %v, without %q", event, err, part)
			}
		}
	}
	s.store.Break(errors.New("connection refused"))
	if _, err := s.bootstrap(wholeSetup); err == nil || strings.Contains(err.Error(), "refused") || !strings.HasPrefix(err.Error(), "UNAVAILABLE") {
		t.Errorf("outage: %v", err)
	}
	if !strings.Contains(s.log.String(), "connection refused") {
		t.Error("the cause is not in the log")
	}
}
