package apikey_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// Regions of every partition are accepted; similar texts are not.
func TestRegions(t *testing.T) {
	for region, want := range map[string]bool{
		"eu-central-1": true, "us-gov-west-1": true, "cn-northwest-1": true, "us-isob-east-1": true, "eusc-de-east-1": true, "mx-central-1": true, "ap-southeast-7": true,
		"": false, "eu-central": false, "eu-central-10": false, "EU-central-1": false, "e-central-1": false, "europe-central-1": false, "eu--1": false, "eu-central-1 ": false, "*": false,
	} {
		if got := apikey.ValidRegion(region); got != want {
			t.Errorf("%q is a region: %t", region, got)
		}
	}
	if !apikey.ValidAccount("000000000000") || apikey.ValidAccount("12345678901") || apikey.ValidAccount("１23456789012") {
		t.Error("an account is not 12 digits")
	}
}

// Registration accepts what Check accepts, and refuses what it refuses for the
// same reason.
func TestCheckIsRegistration(t *testing.T) {
	h := newHouse(t)
	for path, want := range map[string]bool{
		"/odata/$metadata": true, "/odata/$metadata/{id}": true, "/$": true, "/a$b/{c}": true, "/files/{id}": true, "/{rest+}": true, "/": true,
		"/a${b}": false, "/{$b}": false, "/a b": false, "/a*": false, "/a?": false, "a": false, "/a//b": false, "/{rest+}/a": false, "": false, "/%24": false,
	} {
		draft := apikey.ServiceDraft{
			Name: "n", APIs: []routing.API{{Account: "123456789012", ID: "checked", Region: "eusc-de-east-1"}}, Routes: []routing.Route{{Method: "GET", Path: path}},
			Cache: routing.GatewayCache{Seconds: 60, By: routing.CacheKeys()},
		}
		faults := draft.Check("checked")
		_, _, err := h.PutService(t.Context(), h.admin, "checked", 0, draft, false)
		if (len(faults) == 0) != want || (err == nil) != want {
			t.Errorf("%q: checked %v, registered %v", path, faults, err)
		}
		if !want && (len(faults) != 1 || faults[0].Field != "routes[0].path") {
			t.Errorf("%q: %v", path, faults)
		}
	}
	if faults := (apikey.ServiceDraft{Name: "n", Permissions: []apikey.Permission{{Name: "a b"}}}).Check("UP"); len(faults) != 2 {
		t.Errorf("%v", faults)
	}
}
