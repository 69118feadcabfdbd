package apikey_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
)

// A service's gateway settings are checked together, and each fault names its
// field.
func TestGatewaySettingsAreChecked(t *testing.T) {
	h := newHouse(t)
	draft := filesServiceOf("demo", declared...)
	draft.Unlisted = "Refuse"
	draft.Cache = routing.GatewayCache{Seconds: 3601, By: []routing.CacheKey{"route", "Route", "route", ""}}
	_, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false)
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid {
		t.Fatalf("error %v", err)
	}
	var fields []string
	for _, fault := range e.Fields {
		fields = append(fields, fault.Field)
	}
	if want := []string{"unlistedRoutes", "gatewayCache.seconds", "gatewayCache.by[1]", "gatewayCache.by[2]", "gatewayCache.by[3]"}; !slices.Equal(fields, want) {
		t.Errorf("faults of %v, want %v", fields, want)
	}
	for _, seconds := range []int{-1, 3601} {
		draft := filesServiceOf("demo", declared...)
		draft.Cache.Seconds = seconds
		if _, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false); apikey.KindOf(err) != apikey.Invalid {
			t.Errorf("%d seconds: error %v", seconds, err)
		}
	}
}

// A service keeps its gateway settings, and has only the defaults if none were
// sent.
func TestGatewaySettingsAreKept(t *testing.T) {
	h := newHouse(t)
	draft := filesServiceOf("demo", declared...)
	draft.Unlisted, draft.Cache = routing.AuthenticateUnlisted, routing.GatewayCache{Seconds: 3600, By: routing.CacheKeys()}
	after, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false)
	if err != nil || after.Unlisted != routing.AuthenticateUnlisted || after.Cache.Seconds != 3600 || !slices.Equal(after.Cache.By, routing.CacheKeys()) {
		t.Errorf("%+v, error %v", after, err)
	}
	after, _, err = h.PutService(t.Context(), h.admin, "files", 0, filesServiceOf("demo", declared...), false)
	if err != nil || after.Unlisted != routing.RefuseUnlisted || after.Cache.Enabled() || after.Cache.By != nil || after.Warnings != nil {
		t.Errorf("%+v, error %v", after, err)
	}
}

// A path is refused if it does not fit into a policy after the longest name
// that the service's APIs can have. A parameter counts as one character.
func TestPathsFitIntoPolicies(t *testing.T) {
	h := newHouse(t)
	open := len("arn:aws-us-gov:execute-api:us-isob-northwest-1:123456789012:abcdemo/") + 128 + len("/OPTIONS")
	stated := len("arn:aws-us-gov:execute-api:eu-west-1:123456789012:abcdemo/") + len("v1/OPTIONS")
	for name, test := range map[string]struct {
		path          string
		region, stage string
		right         bool
	}{
		"as long as can be":  {"/" + strings.Repeat("a", 511-open), "", "", true},
		"too long":           {"/" + strings.Repeat("a", 512-open), "", "", false},
		"stated, as long":    {"/" + strings.Repeat("a", 511-stated), "eu-west-1", "v1", true},
		"stated, too long":   {"/" + strings.Repeat("a", 512-stated), "eu-west-1", "v1", false},
		"parameter, as long": {"/{" + strings.Repeat("p", 400) + "}/" + strings.Repeat("a", 507-open), "", "", true},
		"parameter, longer":  {"/{p}/" + strings.Repeat("a", 508-open), "", "", false},
	} {
		draft := filesServiceOf("demo", declared...)
		draft.APIs[0].Region, draft.APIs[0].Stage = test.region, test.stage
		draft.Routes = []routing.Route{{Method: "GET", Path: test.path}}
		_, _, err := h.PutService(t.Context(), h.admin, "files", 0, draft, false)
		if (err == nil) != test.right {
			t.Errorf("%s: error %v", name, err)
		}
		var e *apikey.Error
		if !test.right && (!errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Field != "routes[0].path") {
			t.Errorf("%s: error %+v", name, err)
		}
	}
}
