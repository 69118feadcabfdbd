package operations

import (
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// Every function runs one of the programs that are built.
func TestPrograms(t *testing.T) {
	used := map[string]bool{}
	for _, op := range Functions() {
		used[op.Program()] = true
	}
	if got := slices.Sorted(maps.Keys(used)); !slices.Equal(got, Programs()) {
		t.Errorf("the functions run %v, of %v", got, Programs())
	}
}

// Names are unique. A method of a path belongs to one operation, and a path to
// one dialect, by its root.
func TestTheTableIsUnambiguous(t *testing.T) {
	roots := map[Dialect]string{Canonical: "/v1/", Catena: "/api/v1/", Supermetrics: "/enterprise/v2/"}
	names, routes, documented := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, op := range Functions() {
		if names[op.Name] || op.Name == "" || op.Summary == "" {
			t.Errorf("operation %q stands twice, or lacks its name or summary", op.Name)
		}
		names[op.Name] = true
		for _, route := range op.Routes {
			name := route.Method + " " + route.Path
			if routes[name] {
				t.Errorf("%s stands twice", name)
			}
			routes[name] = true
			if root := roots[route.Dialect]; !op.Pages() && (root == "" || !strings.HasPrefix(route.Path, root)) {
				t.Errorf("%s speaks %q", name, route.Dialect)
			}
			if route.Status < 200 || route.Status > 299 && op.Name != "unknown-route" {
				t.Errorf("%s succeeds with %d", name, route.Status)
			}
			if documented[route.Name] {
				t.Errorf("%s has the name %s of another route", name, route.Name)
			}
			documented[route.Name] = route.Name != ""
		}
	}
}

// Every permission that opens a route is one of Keyward's own, and each of those
// opens some route: a misspelled one would lock everyone out.
func TestPermissionsExist(t *testing.T) {
	opening := map[string]bool{}
	for _, op := range All() {
		for _, route := range op.Routes {
			if (op.Public || len(route.Others) > 0) && len(route.Permissions) > 0 {
				t.Errorf("%s is open to all and asks for permissions", op.Name)
			}
			for _, name := range append(slices.Clone(route.Permissions), route.Self) {
				if name != "" {
					opening[name] = true
				}
			}
		}
	}
	if got := permission.NewSet(slices.Collect(maps.Keys(opening))...); !slices.Equal(got, apikey.OwnPermissions()) {
		t.Errorf("the table's permissions are %v, Keyward's own %v", got, apikey.OwnPermissions())
	}
}

// Every method and path below a dialect's root has a route: each dialect has a
// greedy route with any method.
func TestUnknownRoutes(t *testing.T) {
	unknown, _ := Find("unknown-route")
	roots := map[Dialect]string{}
	for _, route := range unknown.Routes {
		root, greedy := strings.CutSuffix(route.Path, "{proxy+}")
		if !greedy || route.Method != Any || route.Status != http.StatusNotFound {
			t.Errorf("%+v leaves something over", route)
		}
		roots[route.Dialect] = root
	}
	for _, op := range All() {
		for _, route := range op.Routes {
			if op.Pages() {
				continue // it takes whatever is below its own root
			}
			if root := roots[route.Dialect]; root == "" || !strings.HasPrefix(route.Path, root) {
				t.Errorf("%s %s stands below no fallback of its dialect", route.Method, route.Path)
			}
		}
	}
}

// A gateway serves HEAD wherever it serves GET, by the same operation, and
// otherwise only the table's routes.
func TestServed(t *testing.T) {
	for _, op := range All() {
		served := map[string]Route{}
		for _, route := range op.Served() {
			served[route.Method+" "+route.Path] = route
		}
		heads := 0
		for _, route := range op.Routes {
			head, found := served["HEAD "+route.Path]
			if served[route.Method+" "+route.Path].Method != route.Method || route.Method == "GET" && !found {
				t.Errorf("%s %s is not served", route.Method, route.Path)
			}
			if route.Method == "GET" {
				heads++
				head.Method = "GET"
				if answered, ok := op.Route("HEAD", route.Path); !reflect.DeepEqual(head, route) || !ok || !reflect.DeepEqual(answered, route) {
					t.Errorf("HEAD %s is served as %+v and answered as %+v", route.Path, head, answered)
				}
			}
		}
		if len(served) != len(op.Routes)+heads {
			t.Errorf("%s serves %d routes, %d of them HEAD", op.Name, len(served), heads)
		}
	}
}

// A request's method and path template find exactly their route.
func TestRoute(t *testing.T) {
	op, _ := Find("create-apikey")
	if route, ok := op.Route("POST", "/enterprise/v2/api_key"); !ok || route.Dialect != Supermetrics {
		t.Errorf("route %+v", route)
	}
	for _, r := range [][2]string{{"GET", "/v1/apikeys"}, {"POST", "/v1/apikeys/{id}"}, {"", ""}, {Any, "/v1/apikeys"}} {
		if route, ok := op.Route(r[0], r[1]); ok {
			t.Errorf("%v found %+v", r, route)
		}
	}
	if _, ok := Find("no-such-operation"); ok {
		t.Error("found an operation that does not exist")
	}
}

// granted returns who has which action on a resource, and for which purpose if
// it has any.
func granted(resource Resource) map[string][]string {
	all := map[string][]string{}
	for _, op := range Functions() {
		for _, access := range op.Access {
			for _, action := range access.Actions {
				if access.Resource == resource && access.Purposes == nil {
					all[action] = append(all[action], op.Name)
				}
				for _, purpose := range access.Purposes {
					if access.Resource == resource {
						all[action+" "+string(purpose)] = append(all[action+" "+string(purpose)], op.Name)
					}
				}
			}
		}
	}
	return all
}

// The audit log is append-only, and one function reads it. One function decrypts
// copies of keys, so none can bypass its audit record. Only functions that make
// a key's text decrypt the ones in outcomes.
func TestWhoMayDoWhat(t *testing.T) {
	if got := slices.Sorted(maps.Keys(granted(AuditTable))); !slices.Equal(got, []string{PutItem, Query}) {
		t.Errorf("actions on the audit log: %v", got)
	}
	for _, c := range []struct {
		resource Resource
		action   string
		want     []string
	}{
		{AuditTable, Query, []string{"list-audit-events"}},
		{SecretsTable, GetItem, []string{"reveal-apikey"}},
		{SecretsKey, Decrypt + " recoverable-key", []string{"reveal-apikey"}},
		{SecretsKey, Decrypt + " idempotent-answer", []string{"create-apikey", "rotate-apikey"}},
		{SecretsTable, PutItem, []string{"create-apikey", "rotate-apikey"}},
		{SecretsKey, Encrypt + " recoverable-key", []string{"create-apikey", "rotate-apikey"}},
		{SecretsKey, Encrypt + " idempotent-answer", []string{"create-apikey", "rotate-apikey"}},
		{SecretsKey, Decrypt, nil},
		{SecretsKey, Encrypt, nil},
		{SecretsTable, Query, nil},
		{PepperKey, GenerateDataKey, []string{"bootstrap", "rotate-pepper"}},
		{PepperKey, Decrypt, []string{"create-apikey", "rotate-apikey", "report-exposure", "verify-apikey", "introspect", "bootstrap", "authorizer"}},
	} {
		if got := granted(c.resource)[c.action]; !slices.Equal(got, c.want) {
			t.Errorf("%s on %s: %v, want %v", c.action, c.resource, got, c.want)
		}
	}
}

// Only functions that check or create keys, or move them to another pepper, read
// the peppers. Only bootstrap and rotate-pepper write them. The authorizer reads what a decision needs, and writes only the uses
// of keys.
func TestWhoMayTouchWhichItems(t *testing.T) {
	got := map[string][]string{}
	for _, op := range Functions() {
		for _, access := range op.Access {
			hasItems := slices.Contains([]Resource{Table, Listing, AuditTable, SecretsTable, UsageTable, UsageIndex, Replicas}, access.Resource)
			if hasItems != (access.Partition != "") || (access.Resource == SecretsKey) != (access.Purposes != nil) {
				t.Errorf("%s: access to %q in %s, for %v", op.Name, access.Partition, access.Resource, access.Purposes)
			}
			for _, action := range access.Actions {
				switch {
				case access.Partition == PepperItems:
					got["peppers "+action] = append(got["peppers "+action], op.Name)
				case op.Name == Authorizer.Name:
					name := string(access.Resource) + string(access.Partition)
					got["authorizer "+action] = append(got["authorizer "+action], name)
				}
			}
		}
	}
	want := map[string][]string{
		"peppers " + Query:      {"create-apikey", "rotate-apikey", "report-exposure", "verify-apikey", "introspect", "bootstrap", "rotate-pepper", "record-usage", "authorizer"},
		"peppers " + UpdateItem: {"bootstrap", "rotate-pepper"},
		"peppers " + CheckItem:  {"record-usage"},
		"authorizer " + BatchGetItem: {
			string(Table) + string(KeyItems), string(Table) + string(OrgItems), string(Table) + string(APIItems),
		},
		"authorizer " + GetItem:    {string(Table) + string(OrgItems)},
		"authorizer " + UpdateItem: {string(UsageTable) + string(KeyItems)},
		"authorizer " + Decrypt:    {string(TableKey), string(PepperKey)},
	}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("rights are %v, want %v", got, want)
	}
}

// A function that writes anything can also append to the audit log.
func TestNoChangeWithoutRecord(t *testing.T) {
	for _, op := range All() {
		writes, records := false, false
		for _, access := range op.Access {
			change := slices.ContainsFunc(access.Actions, func(action string) bool {
				return action == PutItem || action == UpdateItem || action == DeleteItem
			})
			writes = writes || change && access.Resource == Table
			records = records || change && access.Resource == AuditTable
		}
		if writes && !records {
			t.Errorf("%s writes and keeps no record", op.Name)
		}
	}
}

// A function's environment names exactly the tables and keys that it may use.
func TestEnvironmentFollowsAccess(t *testing.T) {
	variables := map[string][]Resource{
		EnvTable: {Table, Listing}, EnvSecretsTable: {SecretsTable}, EnvPepperKey: {PepperKey}, EnvSecretsKey: {SecretsKey}, EnvEventBus: {EventBus}, EnvReplicas: {Replicas},
		EnvUsageTable: {UsageTable, UsageIndex},
	}
	for _, op := range Functions() {
		for variable, resources := range variables {
			may := slices.ContainsFunc(op.Access, func(a Access) bool { return slices.Contains(resources, a.Resource) })
			if told := slices.Contains(op.Environment, variable); told != may {
				t.Errorf("%s: %s told %v, usable %v", op.Name, variable, told, may)
			}
		}
	}
}

// A function may read a stream and send dead letters exactly if that stream
// invokes it. It has no route and no schedule.
func TestStreams(t *testing.T) {
	for _, op := range Functions() {
		for _, access := range op.Access {
			if strings.HasSuffix(string(access.Resource), string(StreamOf(""))) && access.Resource != StreamOf(op.Stream) {
				t.Errorf("%s may read %s", op.Name, access.Resource)
			}
		}
		sends := slices.ContainsFunc(op.Access, func(a Access) bool { return a.Resource == DeadLetters })
		reads := slices.ContainsFunc(op.Access, func(a Access) bool { return a.Resource == StreamOf(op.Stream) })
		if streamed := op.Stream != ""; sends != streamed || reads != streamed || streamed && (!op.Direct() || op.Schedule != "") {
			t.Errorf("%s: stream %q, reads it %v, sends dead letters %v", op.Name, op.Stream, reads, sends)
		}
	}
}

// Functions that use a table know the home region, so that only one region
// writes. The authorizer does not: it uses its own region's replica, however far
// away the home is.
func TestHomeRegionFollowsTables(t *testing.T) {
	for _, op := range Functions() {
		uses := slices.ContainsFunc(op.Access, func(a Access) bool { return a.Resource == Table })
		if told := slices.Contains(op.Environment, EnvHomeRegion); told != (uses && op.Name != Authorizer.Name) {
			t.Errorf("%s: told of the home region %v, uses tables %v", op.Name, told, uses)
		}
	}
}
