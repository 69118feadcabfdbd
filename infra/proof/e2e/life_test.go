package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/infra/local/await"
	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/infra/proof/stacktest"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// life is one key, and who manages it.
type life struct {
	*testing.T
	as   stacktest.Client
	path string
}

// key returns the key as it is shown now.
func (l life) key() canonical.APIKey {
	l.Helper()
	return stacktest.JSON[canonical.APIKey](l, l.as.Do(l, http.MethodGet, l.path, "").Want(l, http.StatusOK))
}

// twice sends a request twice with an Idempotency-Key, as after a lost answer, and
// returns the key whose text both answers show.
func (l life) twice(once, path, body string, status int) canonical.APIKey {
	l.Helper()
	first := l.as.Do(l, http.MethodPost, path, body, "Idempotency-Key", once).Want(l, status)
	again := l.as.Do(l, http.MethodPost, path, body, "Idempotency-Key", once).Want(l, status)
	if string(again.Body) != string(first.Body) || first.Header.Get("Idempotent-Replayed") != "" || again.Header.Get("Idempotent-Replayed") != "true" {
		l.Errorf("%s, then %s", first.Body, again.Body)
	}
	return stacktest.JSON[canonical.APIKey](l, first)
}

// ask uses a secret of the key.
func (l life) ask(key canonical.APIKey) stacktest.Answer {
	l.Helper()
	return l.as.With(string(key.Text)).Do(l, http.MethodGet, "/v1/whoami", "")
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// The whole life of a key: it is created, used, rotated, leaked and deleted, and
// every step holds what is promised of it. Requests whose answer was lost are
// repeated; the new secret ends the old one on time; what leaked cannot be
// restored, and what is permanently deleted is nowhere but in the audit log.
func TestLifeOfAKey(t *testing.T) {
	l := life{T: t, as: tenant(t, "life")}
	first := l.twice("create", "/v1/apikeys", `{"name":"life","permissions":["ManageApiKeys"]}`, http.StatusCreated)
	l.path = "/v1/apikeys/" + first.ID
	began := time.Now().Truncate(time.Millisecond)
	l.ask(first).Want(t, http.StatusOK)
	await.Until(t, "the last use is shown", func() bool {
		key := l.key()
		return key.LastUsedFrom != "" && !at(t, key.LastUsedOn).Before(began)
	})

	second := l.twice("rotate", l.path+"/rotate", `{"overlapSeconds":5,"overlapFrom":"firstUse"}`, http.StatusOK)
	l.overlap(first, second)
	l.leak(first, second)

	l.as.Do(t, http.MethodDelete, l.path, "").Want(t, http.StatusNoContent)
	refused := l.as.Do(t, http.MethodPost, l.path+"/restore", "").Want(t, http.StatusConflict)
	if problem := stacktest.JSON[stacktest.Problem](t, refused); problem.Code != "API_KEY_NOT_RESTORABLE" || !strings.Contains(string(refused.Body), "leaked") {
		t.Errorf("restoring what leaked: %s", refused.Body)
	}
	l.events(second, "apikey.created", "apikey.rotated", "apikey.overlap_started", "apikey.retired_secret_used", "apikey.exposed", "apikey.deleted")
	l.goesForGood()
}

// overlap sees the secret from before a rotation work until a time that counts
// from the first use of the new one, and not after.
func (l life) overlap(first, second canonical.APIKey) {
	l.Helper()
	l.ask(first).Want(l, http.StatusOK)
	if waiting := l.key().Secrets; len(waiting) != 2 || waiting[1].Overlap == nil || waiting[0].LastUsedOn != "" || waiting[1].LastUsedOn == "" {
		l.Errorf("before the first use: %+v", waiting)
	}
	before := time.Now().Truncate(time.Millisecond)
	l.ask(second).Want(l, http.StatusOK)
	after := time.Now()
	var ends time.Time
	await.Until(l, "the first use sets the end", func() bool {
		asked := time.Now()
		if answer := l.ask(first); answer.Status != http.StatusOK && time.Now().Before(before.Add(5*time.Second)) {
			l.Errorf("refused %s after the first use", asked.Sub(before))
		}
		secrets := l.key().Secrets
		ends = at(l.T, secrets[1].EndsOn)
		return secrets[1].Overlap == nil && secrets[0].LastUsedOn != "" && secrets[0].LastUsedFrom != ""
	})
	if ends.Before(before.Add(5*time.Second)) || ends.After(after.Add(5*time.Second)) {
		l.Errorf("ends on %s, used between %s and %s", ends, before, after)
	}
	set := time.Now()
	await.Until(l, "the old secret ends", func() bool {
		answer := l.ask(first)
		if answer.Status == http.StatusUnauthorized && time.Now().Before(ends) {
			l.Errorf("refused %s before its end", time.Until(ends))
		}
		return answer.Status == http.StatusUnauthorized
	})
	if ends.After(set) {
		set = ends
	}
	settled(l.T, set, func() stacktest.Answer { return l.ask(first) }, http.StatusUnauthorized)
	l.ask(second).Want(l, http.StatusOK)
	await.Until(l, "the late use is recorded", func() bool {
		log := stacktest.JSON[canonical.AuditEventList](l, l.as.Do(l, http.MethodGet, "/v1/audit-events?action=apikey.retired_secret_used", "").Want(l, http.StatusOK))
		return len(log.Items) == 1 && log.Items[0].Target == first.ID && log.Items[0].Source != ""
	})
}

// leak reports both texts: the ended one changes nothing, the other disables the
// key within the bound.
func (l life) leak(first, second canonical.APIKey) {
	l.Helper()
	report := func(key canonical.APIKey) {
		l.Helper()
		l.as.Authorized("").Do(l, http.MethodPost, "/v1/exposures", fmt.Sprintf(`{"key":%q,"source":"pastebin"}`, string(key.Text))).Want(l, http.StatusAccepted)
	}
	report(first)
	if key := l.key(); key.Exposure != nil || key.Enabled != nil {
		l.Errorf("after a report of the ended secret: %+v", key)
	}
	report(second)
	settled(l.T, time.Now(), func() stacktest.Answer { return l.ask(second) }, http.StatusUnauthorized)
	if key := l.key(); key.Exposure == nil || key.Exposure.Source != "pastebin" || key.Enabled == nil || *key.Enabled {
		l.Errorf("after a report of the secret: %+v", key)
	}
}

// events waits until the bus had those events about the key, in that order and
// without its text.
func (l life) events(key canonical.APIKey, want ...string) {
	l.Helper()
	await.Until(l, "the events arrive in order", func() bool {
		types, texts := eventsOf(l.T, key.ID)
		if strings.Contains(texts, string(key.Text)[10:60]) {
			l.Error("an event holds the key's text")
		}
		left := want
		for _, kind := range types {
			if len(left) > 0 && kind == left[0] {
				left = left[1:]
			}
		}
		return len(left) == 0
	})
}

// goesForGood restores a deleted key that did not leak, and then deletes it
// where nothing is retained: only the audit log knows it.
func (l life) goesForGood() {
	l.Helper()
	key := l.twice("another", "/v1/apikeys", `{"name":"life","permissions":["ManageApiKeys"]}`, http.StatusCreated)
	l.path = "/v1/apikeys/" + key.ID
	l.ask(key).Want(l, http.StatusOK)
	await.Until(l, "the use is recorded", func() bool { return l.key().LastUsedOn != "" })
	l.as.Do(l, http.MethodDelete, l.path, "").Want(l, http.StatusNoContent)
	settled(l.T, time.Now(), func() stacktest.Answer { return l.ask(key) }, http.StatusUnauthorized)
	l.as.Do(l, http.MethodPost, l.path+"/restore", "").Want(l, http.StatusOK)
	settled(l.T, time.Now(), func() stacktest.Answer { return l.ask(key) }, http.StatusUnauthorized)
	l.as.Do(l, http.MethodPatch, l.path, `{"enabled":true}`).Want(l, http.StatusOK)
	settled(l.T, time.Now(), func() stacktest.Answer { return l.ask(key) }, http.StatusOK)

	l.as.Do(l, http.MethodPatch, "/v1/organization", `{"retentionSeconds":0}`).Want(l, http.StatusOK)
	l.as.Do(l, http.MethodDelete, l.path, "").Want(l, http.StatusNoContent)
	for _, request := range [][2]string{{http.MethodGet, l.path}, {http.MethodPost, l.path + "/restore"}, {http.MethodPost, l.path + "/rotate"}} {
		l.as.Do(l, request[0], request[1], "").Want(l, http.StatusNotFound)
	}
	client := dynamodb.Client(running.DynamoDBURL())
	for _, table := range []string{schema.TableName, schema.SecretsTableName, schema.UsageTableName} {
		for _, item := range itemsOf(l.T, client, table) {
			text, err := json.Marshal(item)
			if err != nil {
				l.Fatal(err)
			}
			// These end by themselves: what it was used for, and that it was made.
			ends := strings.Contains(string(text), `"DAY#`) || strings.Contains(string(text), `"IDEMPOTENT#`)
			if strings.Contains(string(text), key.ID) && !ends {
				l.Errorf("%s still has %s", table, text)
			}
		}
	}
	log := stacktest.JSON[canonical.AuditEventList](l, l.as.Do(l, http.MethodGet, "/v1/audit-events?target="+key.ID, "").Want(l, http.StatusOK))
	var actions []apikey.Action
	for _, event := range slices.Backward(log.Items) {
		actions = append(actions, event.Action)
	}
	if want := []apikey.Action{"apikey.create", "apikey.delete", "apikey.restore", "apikey.update", "apikey.delete"}; !slices.Equal(actions, want) {
		l.Errorf("the audit log has %v, want %v", actions, want)
	}
}
