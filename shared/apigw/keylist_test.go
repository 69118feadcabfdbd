package apigw_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// A cursor continues only the list that it came from, and a list is whole in
// pages of any size.
func TestCursorsOfKeyLists(t *testing.T) {
	s := newStage(t)
	for _, name := range []string{"c", "a", "b", "d"} {
		s.key(name)
	}
	lists := []map[string]string{
		{}, {"sort": "name"}, {"sort": "name", "order": "desc"}, {"sort": "createdOn", "order": "desc"}, {"sort": "expiresOn"}, {"sort": "lastUsedOn"},
		{"state": "active"}, {"neverUsed": "true"}, {"q": "a"}, {"q": "A", "sort": "name"}, {"unusedSince": "2030-01-01T00:00:00Z"},
	}
	cursors := map[int]string{}
	for n, query := range lists {
		whole := idsOf(t, s.pages("list-apikeys", query))
		query["limit"] = "1"
		pages := s.pages("list-apikeys", query)
		delete(query, "limit")
		if got := idsOf(t, pages); strings.Join(got, " ") != strings.Join(whole, " ") {
			t.Errorf("%v: %d keys one by one, %d at once", query, len(got), len(whole))
		}
		if len(pages) < 2 {
			t.Fatalf("%v has one page", query)
		}
		cursors[n] = pages[0].NextCursor
	}
	for n, query := range lists {
		for from, cursor := range cursors {
			event := s.event("list-apikeys", "", "")
			event.QueryStringParameters = map[string]string{"cursor": cursor}
			for name, value := range query {
				event.QueryStringParameters[name] = value
			}
			response := s.call("list-apikeys", event)
			if n == from && response.StatusCode == 200 {
				continue
			}
			if problem := s.refused(response, 400, "INVALID_REQUEST"); len(problem.Errors) != 1 || problem.Errors[0].Field != "cursor" {
				t.Errorf("%v with a cursor of %v: %v", query, lists[from], problem.Errors)
			}
		}
	}
}

// Filters that contradict each other are refused, and both are named.
func TestContradictingFilters(t *testing.T) {
	s := newStage(t)
	for query, fields := range map[string]string{
		"name=a&q=a": "name q",
		"state=active&expiresBefore=2000-01-01T00:00:00Z":  "state expiresBefore",
		"state=overlap&expiresBefore=2000-01-01T00:00:00Z": "state expiresBefore",
	} {
		event := s.event("list-apikeys", "", "")
		event.QueryStringParameters = map[string]string{}
		values, _ := url.ParseQuery(query)
		for name := range values {
			event.QueryStringParameters[name] = values.Get(name)
		}
		var got []string
		for _, fault := range s.refused(s.call("list-apikeys", event), 400, "INVALID_REQUEST").Errors {
			got = append(got, fault.Field)
		}
		if strings.Join(got, " ") != fields {
			t.Errorf("%s: %v", query, got)
		}
	}
}

// A deleted key answers 404 everywhere but in the list of deleted keys, which
// says until when it can be restored.
func TestDeletedKeys(t *testing.T) {
	s := newStage(t)
	key := s.make(apikey.Draft{Name: "k", Permissions: permission.NewSet("ViewTables")})
	id := key.Key.ID.String()
	s.call("delete-apikey", s.event("delete-apikey", id, ""))
	for _, operation := range []string{"get-apikey", "delete-apikey", "reveal-apikey"} {
		s.refused(s.call(operation, s.event(operation, id, "")), 404, "API_KEY_NOT_FOUND")
	}
	pages := s.pages("list-apikeys", map[string]string{"state": "deleted"})
	if len(pages) != 1 || len(pages[0].Items) != 1 || !strings.Contains(string(pages[0].Items[0]), `"deletedOn":"`) || !strings.Contains(string(pages[0].Items[0]), `"purgeOn":"`) {
		t.Errorf("listed %v", pages)
	}
	restored := s.call("restore-apikey", s.event("restore-apikey", id, ""))
	if restored.StatusCode != 200 || restored.Headers["ETag"] != `"3"` || !strings.Contains(restored.Body, `"enabled":false`) || strings.Contains(restored.Body, "deletedOn") {
		t.Errorf("%d %s", restored.StatusCode, restored.Body)
	}
	s.refused(s.call("restore-apikey", s.event("restore-apikey", id, "")), 409, "API_KEY_NOT_RESTORABLE")
	s.refused(s.call("restore-apikey", s.event("restore-apikey", unknownID, "")), 404, "API_KEY_NOT_FOUND")
	s.refused(s.call("restore-apikey", s.event("restore-apikey", id, `{"a":1}`)), 400, "INVALID_REQUEST")
}
