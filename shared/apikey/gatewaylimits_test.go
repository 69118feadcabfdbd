package apikey_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/routing"
)

// shaped returns the draft of a service whose gateways cache answers. It has n
// routes of one method, each with its own permission.
func shaped(method string, n int, path func(i int) string) apikey.ServiceDraft {
	draft := apikey.ServiceDraft{
		Name: "Wide", APIs: []routing.API{{Account: filesAPI.Account, ID: "wide", Region: "eu-west-1", Stage: "v1"}},
		Cache: routing.GatewayCache{Seconds: 300},
	}
	for i := range n {
		name := fmt.Sprintf("P%d", i)
		if i < apikey.MaxServicePermissions {
			draft.Permissions = append(draft.Permissions, apikey.Permission{Name: name})
		}
		draft.Routes = append(draft.Routes, routing.Route{Method: method, Path: path(i), Permissions: []string{name}})
	}
	return draft
}

// repeated returns paths of some repeated segments and a last one of their own.
func repeated(segment string, times int) func(i int) string {
	return func(i int) string { return strings.Repeat("/"+segment, times) + fmt.Sprintf("/x%d", i) }
}

func wildRoot(i int) string { return fmt.Sprintf("/{p%d}", i) }

func greedyRoot(i int) string { return fmt.Sprintf("/{p%d}/{rest+}", i) }

// crowd returns paths that differ only in the names or number of their
// parameters.
func crowd(i int) string { return strings.Repeat("/{p}", i%9) + fmt.Sprintf("/{q%d}", i) }

// put registers a draft in a new house and returns the faults.
func put(t *testing.T, draft apikey.ServiceDraft) (apikey.Registered, []apikey.FieldError) {
	t.Helper()
	h := newHouse(t)
	after, _, err := h.PutService(t.Context(), h.admin, "wide", 0, draft, false)
	if err == nil {
		return after, nil
	}
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid {
		t.Fatalf("error %v", err)
	}
	if _, err := h.GetService(t.Context(), h.admin, "wide"); apikey.KindOf(err) != apikey.NotFound {
		t.Errorf("a refused service is stored: %v", err)
	}
	return after, e.Fields
}

// wantFault fails the test unless a draft is refused because of one field, with
// a text that contains words.
func wantFault(t *testing.T, name string, draft apikey.ServiceDraft, field string, words ...string) {
	t.Helper()
	_, faults := put(t, draft)
	if len(faults) == 0 || faults[0].Field != field || faults[0].Code != apikey.FieldTooLong {
		t.Errorf("%s: faults %+v, want one of %s", name, faults, field)
		return
	}
	for _, word := range words {
		if !strings.Contains(faults[0].Detail, word) {
			t.Errorf("%s: %q does not say %s", name, faults[0].Detail, word)
		}
	}
}

// A service that would cost the authorizer or its callers too much work or
// memory is refused before anything is stored.
func TestServicesOutOfProportion(t *testing.T) {
	fifty := shaped("GET", 400, repeated("{p}", 50))
	wantFault(t, "50 parameters", fifty, "routes[0].path", "50", "at most 10")
	fifty.Cache.Seconds = 0
	wantFault(t, "50 parameters, nothing kept", fifty, "routes[0].path", "50", "at most 10")
	wantFault(t, "11 parameters", shaped("GET", 1, repeated("{p}", 11)), "routes[0].path", "11", "at most 10")
	wantFault(t, "11 parameters, one greedy", shaped("GET", 1, func(int) string { return strings.Repeat("/{p}", 10) + "/{rest+}" }), "routes[0].path", "11")
	wantFault(t, "12 nested parameters", shaped("GET", 500, func(i int) string { return fmt.Sprintf("/x%d", i) + strings.Repeat("/a/{p}", 12) }), "routes[0].path", "12", "at most 10")
	wantFault(t, "10 nested parameters", shaped("GET", 500, func(i int) string { return fmt.Sprintf("/x%d", i) + strings.Repeat("/a/{p}", 10) }), "routes", "bytes", "at most 524288")
	wantFault(t, "greedy paths", shaped("GET", 500, greedyRoot), "routes", "124750 times", "at most 20000")
	wantFault(t, "greedy paths beside others", shaped("GET", 500, func(i int) string {
		if i%2 == 0 {
			return greedyRoot(i)
		}
		return repeated("{a}", 1+i%9)(i)
	}), "routes", "times", "at most 20000")
	wantFault(t, "a crowd", shaped("ANY", 500, crowd), "routes", "bytes", "at most 524288")
	wantFault(t, "long and alike", shaped("GET", 500, func(i int) string { return "/{p}" + repeated("a", 80)(i) }), "routes", "20000000 steps")
	wantFault(t, "long, alike and by any method", shaped("ANY", 300, func(i int) string { return repeated("a", 90)(i) + "/{p}" }), "routes")
	wantFault(t, "501 routes", shaped("GET", 501, wildRoot), "routes", "501", "at most 500")
}

// Without a gateway cache, paths may overlap without limit, because the
// authorizer decides route by route.
func TestNoLimitsWithoutAGatewayCache(t *testing.T) {
	for name, path := range map[string]func(int) string{
		"greedy": greedyRoot, "crowd": crowd, "long": func(i int) string { return "/{p}" + repeated("a", 80)(i) },
	} {
		draft := shaped("GET", 500, path)
		draft.Cache.Seconds = 0
		if after, faults := put(t, draft); faults != nil || after.Warnings != nil {
			t.Errorf("%s: %v, %v", name, faults, after.Warnings)
		}
	}
}

// The largest services with usual paths are within the limits.
func TestUsualServicesAreAccepted(t *testing.T) {
	kinds := []string{"/v1/kind%d", "/v1/kind%d/{id}", "/v1/kind%d/{id}/parts", "/v1/kind%d/{id}/parts/{part}", "/v1/{org}/kind%d/{id}"}
	methods := []string{"ANY", "GET", "POST", "PUT", "PATCH"}
	draft := shaped("GET", 500, func(i int) string { return fmt.Sprintf(kinds[i%5], i/5) })
	for i := range draft.Routes {
		draft.Routes[i].Method = methods[i%5]
	}
	behind := shaped("GET", 300, func(i int) string { return fmt.Sprintf("/v1/tenants/{tenant}/kind%d/{id}", i) })
	behind.Routes[0].Path, behind.Routes[1] = "/{proxy+}", routing.Route{Method: "ANY", Path: routing.Default}
	draft.APIs[0].Region, draft.APIs[0].Stage = "", ""
	for name, draft := range map[string]apikey.ServiceDraft{"five of each kind": draft, "behind a proxy": behind} {
		after, faults := put(t, draft)
		if faults != nil || len(after.Warnings) < 5 || strings.Contains(after.Warnings[len(after.Warnings)-1].Detail, "Any route") {
			t.Errorf("%s: %v, %v", name, faults, after.Warnings)
		}
	}
}

// A path can have ten parameters.
func TestMostParameters(t *testing.T) {
	if _, faults := put(t, shaped("GET", 1, repeated("{p}", 10))); faults != nil {
		t.Error(faults)
	}
}

// Paths can overlap 20,000 times, but not once more.
func TestMostOverlaps(t *testing.T) {
	// 200, 14, 4 and 3 paths that overlap each other are 20,000 pairs.
	var paths []string
	for ending, n := range map[string]int{"": 200, "/a": 14, "/b": 4, "/c": 3} {
		for i := range n {
			paths = append(paths, wildRoot(i)+ending)
		}
	}
	slices.Sort(paths)
	most := shaped("GET", len(paths), func(i int) string { return paths[i] })
	if _, faults := put(t, most); faults != nil {
		t.Error(faults)
	}
	paths = append(paths, "/{p}/d", "/{q}/d")
	wantFault(t, "one more", shaped("GET", len(paths), func(i int) string { return paths[i] }), "routes", "overlap 20001 times", "at most 20000")
}

// No policy for an API of a registered service exceeds the limit, whatever its
// caller holds.
func TestMostOfAPolicy(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, path := range map[string]func(int) string{
		"parameters": func(i int) string { return fmt.Sprintf("/x%d", i) + strings.Repeat("/a/{p}", 10) },
		"crowd":      crowd, "literal": repeated("long-segment", 18),
	} {
		for _, unlisted := range []routing.Unlisted{routing.RefuseUnlisted, routing.AuthenticateUnlisted} {
			low, high := 1, apikey.MaxServiceRoutes+1
			var most apikey.Registered
			for high-low > 4 {
				n := (low + high) / 2
				draft := shaped("ANY", n, path)
				draft.Unlisted, draft.Cache.By = unlisted, []routing.CacheKey{routing.ByRoute} // without other work
				if after, faults := put(t, draft); faults == nil {
					low, most = n, after
				} else {
					high = n
				}
			}
			longest := 0
			for share := range 11 {
				var held []string
				for _, p := range most.Permissions {
					if random.IntN(10) < share {
						held = append(held, p.Name)
					}
				}
				for _, onHTTP := range []bool{false, true} {
					longest = max(longest, policyLength(most.Service, routing.NewPolicyCompiler(most.Routes, most.Unlisted, onHTTP).Compile(permission.NewSet(held...))))
				}
			}
			if longest > apikey.MaxPolicyBytes || low < 20 {
				t.Errorf("%s, %s: %d routes are accepted, with a policy of %d bytes", name, unlisted, low, longest)
			}
		}
	}
}

// policyLength returns how many bytes a policy's resources take, with the
// longest partition name.
func policyLength(s apikey.Service, c routing.PolicyResources) int {
	n := 0
	for _, resource := range slices.Concat(c.Allow, c.Deny) {
		api := s.APIs[0]
		n += len(`"arn:aws-us-gov:execute-api:` + api.Region + ":" + api.Account + ":" + api.ID + "/" + api.Stage + "/" + resource + `",`)
	}
	return n
}

// A service's warnings are the same every time, before and after it is stored,
// and computing them stays within the budget. A service that was registered
// before the budget existed gets only the warning that it exceeds it.
func TestWarningsHaveABudget(t *testing.T) {
	after, faults := put(t, shaped("GET", 100, crowd))
	if faults != nil || len(after.Warnings) < 100 || !slices.Equal(after.Warnings, after.Service.Warnings()) {
		t.Errorf("%v; %d warnings, then %d", faults, len(after.Warnings), len(after.Service.Warnings()))
	}
	for name, draft := range map[string]apikey.ServiceDraft{
		"50 parameters":             shaped("ANY", 400, repeated("{p}", 50)),
		"100 parameters and greedy": shaped("ANY", 500, func(i int) string { return strings.Repeat("/{p}", 100) + greedyRoot(i) }),
	} {
		s := apikey.Service{APIs: draft.APIs, Routes: draft.Routes, Cache: draft.Cache}
		warnings := s.Warnings()
		last := warnings[len(warnings)-1]
		if last.Route != "" || !strings.Contains(last.Detail, "Any route may be refused") || len(warnings) > 10 {
			t.Errorf("%s: %d warnings, the last %+v", name, len(warnings), last)
		}
	}
}

// A setup with such a service is refused as a whole, naming the field.
func TestBootstrapHasTheBudget(t *testing.T) {
	h := newHouse(t)
	draft := shaped("GET", 500, greedyRoot)
	_, err := h.Bootstrap(t.Context(), apikey.Setup{
		Organization: "fresh", KeyPrefix: "kw", OwnerEmail: "o@example.com", OwnerName: "O", AdminKey: "Root", Services: []apikey.SetupService{{ID: "greedy", ServiceDraft: draft}},
	})
	var e *apikey.Error
	if !errors.As(err, &e) || e.Kind != apikey.Invalid || len(e.Fields) != 1 || e.Fields[0].Field != "services[0].routes" {
		t.Errorf("error %+v", err)
	}
}

// BenchmarkMostWork measures requests that use the whole budget: PUT of a
// service that is accepted and of one that is refused, and GET of one that was
// registered before the budget existed.
func BenchmarkMostWork(b *testing.B) {
	for name, draft := range map[string]apikey.ServiceDraft{
		"accepted": shaped("ANY", 300, crowd), "stored": shaped("ANY", 400, repeated("{p}", 50)),
		"refused": shaped("ANY", 100, func(i int) string { return strings.Repeat("/{p}", 10) + repeated("a", 100)(i) }),
	} {
		draft.Unlisted = routing.AuthenticateUnlisted
		s := apikey.Service{APIs: draft.APIs, Routes: draft.Routes, Cache: draft.Cache, Unlisted: draft.Unlisted}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				s.Warnings()
			}
		})
	}
}
