package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// texts returns values as texts.
func texts[V ~string](values ...V) (all []string) {
	for _, value := range values {
		all = append(all, string(value))
	}
	return all
}

// ruled are the members whose values are a fixed list, with that list of the rules or
// of a format's document. In front of a dot is the schema.
func ruled() map[string][]string {
	roles, methods := texts(apikey.Roles...), routing.Methods()
	reactions := []string{apikey.DisableExposed.String(), apikey.ReportExposed.String()}
	unlisted := texts(routing.RefuseUnlisted, routing.AuthenticateUnlisted)
	caches := texts(routing.CacheKeys()...)
	types := texts(apikey.TypeService, apikey.TypePersonal, apikey.TypeShared)
	codes := texts(verify.Codes()...)
	routes := append(slices.Clone(methods), routing.AnyMethod)
	return map[string][]string{
		"User.role": roles, "UserBody.role": roles, "UserPatch.role": roles, "Self.role": roles,
		"Organization.onExposure": reactions, "SettingsBody.onExposure": reactions, "SettingsPatch.onExposure": reactions,
		"Service.unlistedRoutes": unlisted, "ServiceBody.unlistedRoutes": unlisted, "GatewayCache.by": caches, "GatewayCacheInput.by": caches,
		"Route.method": routes, "RouteInput.method": routes, "VerifyBody.method": methods, "Verification.code": codes, "Verified.code": codes,
		"APIKey.type": types[1:], "WhoAmI.type": types[1:], "KeyBody.type": types, "KeyPutBody.type": types, "Verification.type": types, "Verified.type": types,
		"Region.state": texts(apikey.Current, apikey.Behind, apikey.Unknown),
		"Usage.by":     {"hour", "day"}, "TopKeys.by": {"hour", "day"}, "RotateBody.overlapFrom": {"now", "firstUse"},
		"GitHubLabel.label": {"true_positive", "false_positive"}, "Introspected.token_type": {"Bearer"},
		"SupermetricsKey.@type": {"api_key"}, "SupermetricsPartialKey.@type": {"api_key"}, "SupermetricsUser.@type": {"user"},
		"SupermetricsKey.key_type":        {supermetrics.TypeQuery, supermetrics.TypeUser, supermetrics.TypeNone},
		"SupermetricsPartialKey.key_type": {supermetrics.TypeQuery, supermetrics.TypeUser, supermetrics.TypeNone},
		"SupermetricsKeyBody.key_type":    {supermetrics.TypeQuery, supermetrics.TypeUser},
	}
}

// Each member whose values are a fixed list has an enum of exactly these values, and
// no other member has one.
func TestEnumsAreTheRulesLists(t *testing.T) {
	parsed, err := openapi3.NewLoader().LoadFromData(document(t))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for name, schema := range parsed.Components.Schemas {
		for member, property := range schema.Value.Properties {
			values := property.Value.Enum
			if items := property.Value.Items; items != nil && items.Ref == "" {
				values = append(values, items.Value.Enum...)
			}
			for _, value := range values {
				if value != nil {
					got[name+"."+member] = append(got[name+"."+member], fmt.Sprint(value))
				}
			}
		}
	}
	want := ruled()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !slices.Equal(slices.Sorted(slices.Values(got[name])), slices.Sorted(slices.Values(want[name]))) {
			t.Errorf("%s can be %s, want %s: correct its enum tag", name, strings.Join(got[name], ","), strings.Join(want[name], ","))
		}
	}
	for name := range got {
		if want[name] == nil {
			t.Errorf("%s can only be %v: name the list of the rules in ruled", name, got[name])
		}
	}
}
