package apigw_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"text/tabwriter"

	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/operations"
)

// counted is a request whose waits for the tables are counted.
type counted struct {
	// op is the operation, what says more of the request.
	op, what string
	// dialect is empty for the operation's first route.
	dialect operations.Dialect
	// id, body and query are the request. Names with an @ are those of the [scene];
	// @own is the caller's key.
	id, body, query string
	// repeated says that the request is a repetition, with an Idempotency-Key.
	repeated bool
	// prepare, if set, runs before the request.
	prepare func(*scene)
	// status is the answer's; 0 means any success. Callers without permission are
	// skipped.
	status int
	// goal is the maximum number of consecutive waits. If it is 0, why says what is
	// waited for.
	goal int
	why  string
	// want lists the costs for each of the callers, in order. If empty, only the
	// goal counts.
	want string
}

// cost is how often a request waits for the tables, one wait after the other,
// and how often it calls them. It is zero if a caller has no such request, or
// may not send it.
type cost struct{ waits, calls int }

// String returns the cost as the table shows it.
func (c cost) String() string {
	if c == (cost{}) {
		return "-"
	}
	return fmt.Sprintf("%d/%d", c.waits, c.calls)
}

// No operation waits for the tables more often than its goal, for any caller,
// and each costs exactly what is written here: one more read in a rule fails the
// test. With -v it prints the table, as make bench does.
func TestWaits(t *testing.T) {
	table(t, "MANAGEMENT", callers, slices.Concat(reads, changes, longer, plain()))
	table(t, "SELF SERVICE", members, owned)
}

// table counts requests for each of the callers.
func table(t *testing.T, title string, callers []caller, requests []counted) {
	t.Helper()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	row := func(cells ...string) {
		if testing.Verbose() {
			_, _ = fmt.Fprintln(table, strings.Join(cells, "\t"))
		}
	}
	var names []string
	for _, c := range callers {
		names = append(names, strings.ToUpper(c.name))
	}
	row(slices.Concat([]string{title + ", WAITS/CALLS", "GOAL"}, names, []string{""})...)
	for _, c := range requests {
		var got []string
		for _, by := range callers {
			synctest.Test(t, func(t *testing.T) {
				costs := newScene(t).count(c, by)
				got = append(got, costs.String())
				if c.goal > 0 && costs.waits > c.goal {
					t.Errorf("%s %s, by %s: %d waits, of at most %d", c.op, c.what, by.name, costs.waits, c.goal)
				}
			})
		}
		goal := "-"
		if c.goal > 0 {
			goal = fmt.Sprint(c.goal)
		}
		row(slices.Concat([]string{strings.TrimSpace(c.op + " " + c.what), goal}, got, []string{c.why})...)
		if text := strings.Join(got, " "); c.want != "" && text != c.want {
			t.Errorf("%s %s: %s, want %s", c.op, c.what, text, c.want)
		}
	}
	_ = table.Flush()
}

// Every operation that uses a table is counted. Nobody waits for those that a
// stream invokes.
func TestWaitsOfAllOperations(t *testing.T) {
	rows := slices.Concat(reads, changes, longer, plain())
	for _, op := range operations.All() {
		counted := slices.ContainsFunc(rows, func(c counted) bool { return c.op == op.Name })
		if counted != (len(op.Access) > 0 && op.Stream == "") {
			t.Errorf("%s is counted: %t", op.Name, counted)
		}
	}
}

// plain returns the reads that have no row because they need only their path:
// they may wait twice.
func plain() (rows []counted) {
	for _, op := range operations.All() {
		listed := slices.ContainsFunc(slices.Concat(reads, changes, longer), func(c counted) bool { return c.op == op.Name })
		if !listed && len(op.Access) > 0 && !op.Direct() && op.Routes[0].Method == http.MethodGet && !strings.Contains(op.Routes[0].Path, "{") {
			rows = append(rows, counted{op: op.Name, goal: 2})
		}
	}
	return rows
}

// count returns the costs of a caller's request.
func (s *scene) count(c counted, by caller) (costs cost) {
	s.t.Helper()
	if c.prepare != nil {
		c.prepare(s)
	}
	op, _ := operations.Find(c.op)
	if op.Direct() {
		return s.countDirect(c, by)
	}
	if c.id == "@own" && by.key == "" {
		return cost{}
	}
	route := op.Routes[slices.IndexFunc(op.Routes, func(r operations.Route) bool { return r.Dialect == c.dialect || c.dialect == "" })]
	event := s.eventAt(route, s.named(c.id, by), s.named(c.body, by))
	event.RequestContext.Authorizer = map[string]any{"orgId": "demo", "keyId": s.named(by.key, by), "userId": s.named(by.user, by), "permissions": by.held}
	if name, value, ok := strings.Cut(s.named(c.query, by), "="); ok {
		event.QueryStringParameters = map[string]string{name: value}
	}
	if c.repeated {
		event.Headers[apigw.IdempotencyKey] = "again"
		s.call(c.op, event)
	}
	var status int
	var body string
	costs.waits, costs.calls = s.paced.Count(func() {
		response := s.call(c.op, event)
		status, body = response.StatusCode, response.Body
	})
	switch {
	case status == http.StatusForbidden:
		return cost{}
	case status != c.status && (c.status != 0 || status >= http.StatusMultipleChoices):
		s.t.Errorf("%s %s, by %s: %d %s", c.op, c.what, by.name, status, body)
	}
	return costs
}

// countDirect is count for an operation of an operator, who takes the first
// caller's place.
func (s *scene) countDirect(c counted, by caller) (costs cost) {
	s.t.Helper()
	if by != callers[0] {
		return cost{}
	}
	found, _ := apigw.Find(s.api, c.op)
	handler, _ := found.(apigw.DirectHandler)
	var err error
	costs.waits, costs.calls = s.paced.Count(func() { _, err = handler(s.t.Context(), json.RawMessage(c.body)) })
	if err != nil {
		s.t.Errorf("%s %s: %v", c.op, c.what, err)
	}
	return costs
}
