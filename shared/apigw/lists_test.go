package apigw_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/uuid"
)

// wireList is a page of any listing.
type wireList struct {
	Items      []json.RawMessage
	NextCursor string
	Damaged    int
}

// lambdaTakes is Lambda's limit for an answer, in bytes.
const lambdaTakes = 6 << 20

// given returns the size of a function's answer.
func given(t *testing.T, response events.APIGatewayProxyResponse) int {
	t.Helper()
	var text strings.Builder
	encoder := json.NewEncoder(&text) // as the library for Go writes it
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(response); err != nil {
		t.Fatal(err)
	}
	return text.Len()
}

// pages reads a listing to its end.
func (s *stage) pages(operation string, query map[string]string) (pages []wireList) {
	s.t.Helper()
	event := s.event(operation, "", "")
	event.QueryStringParameters = map[string]string{}
	for name, value := range query {
		event.QueryStringParameters[name] = value
	}
	for len(pages) < 1000 {
		response := s.call(operation, event)
		if size := given(s.t, response); response.StatusCode != 200 || size > lambdaTakes {
			s.t.Fatalf("%s: page %d is %d, %d bytes: %.300s", operation, len(pages), response.StatusCode, size, response.Body)
		}
		page := decode[wireList](s.t, response.Body)
		if pages = append(pages, page); page.NextCursor == "" {
			return pages
		}
		event.QueryStringParameters["cursor"] = page.NextCursor
	}
	s.t.Fatalf("%s has no end", operation)
	return nil
}

// idsOf returns the ids in pages.
func idsOf(t *testing.T, pages []wireList) (ids []string) {
	t.Helper()
	for _, page := range pages {
		for _, item := range page.Items {
			ids = append(ids, decode[struct{ ID string }](t, string(item)).ID)
		}
	}
	return ids
}

// commit writes directly to the store, past the rules, with an audit record of
// the action.
func (s *stage) commit(audit apikey.AuditRecord, writes ...apikey.Write) {
	s.t.Helper()
	id, err := uuid.New(s.api.Rules.Entropy)
	if err != nil {
		s.t.Fatal(err)
	}
	audit.ID, audit.Org, audit.At = id, "demo", s.clock.Advance(time.Millisecond)
	if err := s.store.Commit(s.t.Context(), apikey.Change{Writes: writes, Audits: []apikey.AuditRecord{audit}}); err != nil {
		s.t.Fatal(err)
	}
}

// A damaged record does not prevent others from being listed, in any format.
// Keyward's own format says how many it left out. The log names them and what is
// wrong, without their values.
func TestDamagedRecordsAreLeftOutOfLists(t *testing.T) {
	for operation, damage := range map[string]func(s *stage) apikey.Ref{
		"list-apikeys":  func(s *stage) apikey.Ref { return apikey.KeyRef(s.key("unreadable").Key.ID) },
		"list-policies": func(s *stage) apikey.Ref { return apikey.PolicyRef("demo", s.policy("unreadable").ID) },
		"list-users":    func(s *stage) apikey.Ref { return apikey.UserRef("demo", s.user("unreadable@example.com").ID) },
		"list-services": func(s *stage) apikey.Ref { s.service("unreadable"); return apikey.ServiceRef("demo", "unreadable") },
		"list-audit-events": func(s *stage) apikey.Ref {
			s.clock.Advance(time.Second)
			s.key("unreadable")
			id, _ := uuid.Parse(s.auditLog("action", "apikey.create")[0].ID)
			return apikey.AuditRef("demo", id)
		},
	} {
		s := newStage(t)
		s.policy("one")
		s.policy("two")
		ref := damage(s)
		before := idsOf(t, s.pages(operation, nil))
		s.store.Damage(ref)
		want := slices.DeleteFunc(before, func(id string) bool { return id == ref.ID.String() || id == ref.Service })
		s.log.Reset()
		op, _ := operations.Find(operation)
		for _, route := range op.Routes {
			response := s.call(operation, s.eventAt(route, "", ""))
			lines := s.lines()
			line := lines[len(lines)-1]
			if response.StatusCode != 200 || strings.Contains(response.Body, "unreadable") || line.Damaged != 1 || line.Level != "WARN" ||
				len(line.Damage) != 1 || !strings.HasPrefix(line.Damage[0], ref.String()+": damaged record") || strings.Contains(line.Damage[0], "unreadable@") {
				t.Errorf("%s: %d %s, logged %+v", route.Path, response.StatusCode, response.Body, line)
			}
		}
		for _, limit := range []string{"1", "2", "100"} {
			pages := s.pages(operation, map[string]string{"limit": limit})
			damaged := 0
			for _, page := range pages {
				damaged += page.Damaged
			}
			if got := idsOf(t, pages); !slices.Equal(got, want) || damaged != 1 {
				t.Errorf("%s by %s: %d of %d shown, %d damaged", operation, limit, len(got), len(want), damaged)
			}
		}
	}
}

// Every page fits into an answer that Lambda accepts, and the next page
// continues where it ends. The test has more large changes, services and
// policies than fit into one answer.
func TestPagesFitIntoAnswers(t *testing.T) {
	s := newStage(t)
	large := strings.Repeat(`"\`, 50_000) // the worst case: four bytes per character
	for n := range 17 {
		s.commit(apikey.AuditRecord{Before: map[string]string{"routes": large}},
			apikey.PutService{After: apikey.Service{Org: "demo", ID: fmt.Sprint("s-", n), Name: large, CreatedOn: s.clock.Now(), Version: 1}})
	}
	for n := range 6 {
		id, _ := uuid.New(s.api.Rules.Entropy)
		s.commit(apikey.AuditRecord{}, apikey.CreatePolicy{Policy: apikey.Policy{ID: id, Org: "demo", Name: fmt.Sprint(n), Description: large + large + large, CreatedOn: s.clock.Now(), Version: 1}})
	}
	for operation, want := range map[string]int{"list-services": 18, "list-policies": 6, "list-audit-events": len(s.auditLogIDs())} {
		ids := idsOf(t, s.pages(operation, nil))
		slices.Sort(ids)
		if got := len(slices.Compact(ids)); got != want || len(ids) != want {
			t.Errorf("%s: %d shown, %d of them different, want %d", operation, len(ids), got, want)
		}
	}
}

func (s *stage) auditLogIDs() (ids []string) {
	for next := new(apikey.Position); next != nil; {
		part, err := s.store.AuditRecords(s.t.Context(), "demo", apikey.AuditFilter{}, *next, 1)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, record := range part.Records {
			ids = append(ids, record.ID.String())
		}
		next = part.Next
	}
	return ids
}

// A page that a filter empties does not end the listing: it has a cursor while
// records are left to read. The number of records read for one answer is
// limited.
func TestFilteredPagesAreBounded(t *testing.T) {
	s := newStage(t)
	for n := range 15 {
		s.key(fmt.Sprint("key ", n))
	}
	s.store.ReadAtMost(2000)
	for operation, query := range map[string]map[string]string{
		"list-apikeys": {"name": "key 14"}, "list-audit-events": {"action": "organization.create"},
	} {
		pages := s.pages(operation, query)
		if got := idsOf(t, pages); len(got) != 1 || len(pages) < 4 || len(pages[0].Items) != 0 || pages[0].Items == nil {
			t.Errorf("%s: %d found in %d pages", operation, len(got), len(pages))
		}
	}
}
