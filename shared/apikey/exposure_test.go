package apikey_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// leakable creates a key and returns it with its text.
func (h *house) leakable(t *testing.T, name string) apikey.Minted {
	t.Helper()
	minted, err := h.Create(t.Context(), h.owner, draft(name))
	if err != nil {
		t.Fatal(err)
	}
	return minted
}

// reported reports a key as leaked and returns what became of it.
func (h *house) reported(t *testing.T, report apikey.ExposureReport) apikey.Key {
	t.Helper()
	if err := h.ReportExposures(t.Context(), apikey.Caller{RequestID: "r"}, report); err != nil {
		t.Fatal(err)
	}
	key, err := h.store.Key(t.Context(), report.Key.ID())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// exposures returns the audit records of reports.
func (h *house) exposures(t *testing.T) (records []apikey.AuditRecord) {
	t.Helper()
	for _, record := range apikeytest.AuditLog(t, h.store, "demo") {
		if record.Action == apikey.ActionExposeKey {
			records = append(records, record)
		}
	}
	return records
}

// A reported key is disabled and flagged, and one record says so, with the
// source and the page.
func TestExposedKeyIsDisabled(t *testing.T) {
	h := newHouse(t)
	minted := h.leakable(t, "Leaked")
	key := h.reported(t, apikey.ExposureReport{Key: minted.Text, Source: "pastebin", URL: "https://pastebin.com/x"})
	want := apikey.Exposure{ReportedOn: h.clock.Now(), Source: "pastebin", URL: "https://pastebin.com/x"}
	if !key.Disabled || key.Exposure == nil || *key.Exposure != want || key.Version != minted.Key.Version+1 {
		t.Errorf("key %+v, exposure %+v", key, key.Exposure)
	}
	records := h.exposures(t)
	if len(records) != 1 || records[0].Actor.Username != "report-exposure" || records[0].RequestID != "r" ||
		records[0].After["disabled"] != "true" || records[0].After["exposure.source"] != "pastebin" || records[0].After["exposure.url"] != "https://pastebin.com/x" {
		t.Errorf("records %+v", records)
	}
}

// An organization that wants only reports gets a flag, and the key goes on.
func TestExposedKeyIsOnlyFlagged(t *testing.T) {
	h := newHouse(t)
	minted := h.leakable(t, "Leaked")
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{OnExposure: new(apikey.ReportExposed)}); err != nil {
		t.Fatal(err)
	}
	if key := h.reported(t, apikey.ExposureReport{Key: minted.Text}); key.Disabled || key.Exposure == nil {
		t.Errorf("key %+v", key)
	}
}

// The report of a deleted key, by its current secret or by one of an overlap,
// keeps it from being restored. A flood of them is recorded once.
func TestExposedTombstoneIsNotRestored(t *testing.T) {
	for _, wanted := range []apikey.OnExposure{apikey.DisableExposed, apikey.ReportExposed} {
		for _, older := range []bool{false, true} {
			h := newHouse(t)
			minted := h.leakable(t, "Leaked")
			text := h.newSecret(t, &minted.Key)
			if older {
				text = minted.Text
			}
			if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{OnExposure: &wanted}); err != nil {
				t.Fatal(err)
			}
			h.delete(t, minted.Key.ID)
			for range 3 {
				if key := h.reported(t, apikey.ExposureReport{Key: text, Source: "pastebin"}); key.Exposure == nil || !key.Deleted() {
					t.Fatalf("key %+v", key)
				}
			}
			_, _, err := h.Restore(t.Context(), h.owner, minted.Key.ID)
			if wantKind(t, err, apikey.NotRestorable); len(h.exposures(t)) != 1 {
				t.Errorf("%s, older %t: %d records", wanted, older, len(h.exposures(t)))
			}
		}
	}
}

// A key that leaks while its organization is suspended does not work when the
// organization is resumed.
func TestExposedWhileSuspended(t *testing.T) {
	h := newHouse(t)
	minted := h.leakable(t, "Leaked")
	h.suspend(t, true)
	h.reported(t, apikey.ExposureReport{Key: minted.Text, Source: "pastebin"})
	h.suspend(t, false)
	_, err := h.WhoAmI(t.Context(), caller(minted.Key))
	wantKind(t, err, apikey.Unauthenticated)
	if records := h.exposures(t); len(records) != 1 {
		t.Errorf("records %+v", records)
	}
}

// The last key that can administer keys is disabled like any other: it leaked.
func TestExposedAdministratorIsDisabled(t *testing.T) {
	h := newHouse(t)
	for _, doomed := range []apikey.Caller{h.admin, h.owner} {
		key, err := h.store.Key(t.Context(), doomed.Key)
		if err != nil {
			t.Fatal(err)
		}
		text := h.newSecret(t, &key)
		if key := h.reported(t, apikey.ExposureReport{Key: text}); !key.Disabled {
			t.Errorf("%s goes on", key.Name)
		}
	}
}

// A flood of reports of the same key writes one record an hour, whatever the
// sources say, and one more for a report that GitHub signed. A key that was
// enabled again is disabled again.
func TestFloodOfReportsWritesOnce(t *testing.T) {
	h := newHouse(t)
	minted := h.leakable(t, "Leaked")
	for n := range 20 {
		h.reported(t, apikey.ExposureReport{Key: minted.Text, Source: fmt.Sprint("source ", n%3)})
		h.clock.Advance(time.Minute)
	}
	for range 3 {
		if key := h.reported(t, apikey.ExposureReport{Key: minted.Text, Source: apikey.SourceGitHub, Signed: true}); key.Exposure.Source != apikey.SourceGitHub {
			t.Errorf("exposure %+v", key.Exposure)
		}
	}
	h.reported(t, apikey.ExposureReport{Key: minted.Text})
	if n := len(h.exposures(t)); n != 2 {
		t.Errorf("%d records", n)
	}
	h.clock.Advance(time.Hour)
	h.reported(t, apikey.ExposureReport{Key: minted.Text})
	if n := len(h.exposures(t)); n != 3 {
		t.Errorf("%d records an hour later", n)
	}
	if _, _, err := h.Patch(t.Context(), h.owner, minted.Key.ID, 0, apikey.Edit{Disabled: new(false)}); err != nil {
		t.Fatal(err)
	}
	if key := h.reported(t, apikey.ExposureReport{Key: minted.Text}); !key.Disabled {
		t.Error("a key that was enabled again goes on")
	}
}

// newSecret gives a key a new current secret, as a rotation does, and returns
// its text.
func (h *house) newSecret(t *testing.T, key *apikey.Key) keytext.Key {
	t.Helper()
	text, err := keytext.Generate("kw", io.MultiReader(bytes.NewReader(key.ID[:]), h.Entropy))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := apikey.DigestOf(t.Context(), h.Digester, text)
	if err != nil {
		t.Fatal(err)
	}
	after := *key
	after.Older = []apikey.OlderSecret{{Generation: max(1, key.Generation), Redacted: key.Redacted, Start: key.Start, Digest: key.Digest, CreatedOn: key.CreatedOn, EndsOn: h.clock.Now().Add(time.Hour)}}
	after.Generation, after.Digest, after.Version = max(1, key.Generation)+1, digest, key.Version+1
	audit := apikey.AuditRecord{Org: key.Org, At: h.clock.Now(), Action: apikey.ActionUpdateKey}
	if audit.ID, err = uuid.New(h.Entropy); err != nil {
		t.Fatal(err)
	}
	if err := h.store.Commit(t.Context(), apikey.Change{Writes: []apikey.Write{apikey.ReplaceKey{Before: *key, After: after}}, Audits: []apikey.AuditRecord{audit}}); err != nil {
		t.Fatal(err)
	}
	*key = after
	return text
}

// A live older secret opens the key, so its report disables the key. One that
// has ended opens nothing: its report is recorded, once an hour, and the key is
// neither disabled nor flagged.
func TestExposedOlderSecrets(t *testing.T) {
	h := newHouse(t)
	minted := h.leakable(t, "Leaked")
	key := minted.Key
	h.newSecret(t, &key)
	h.clock.Advance(2 * time.Hour)
	for range 3 {
		if key := h.reported(t, apikey.ExposureReport{Key: minted.Text, Source: "mail"}); key.Disabled || key.Exposure != nil {
			t.Errorf("after an ended secret leaked: %+v", key)
		}
	}
	records := h.exposures(t)
	if len(records) != 1 || records[0].After["exposure.source"] != "mail" || !strings.Contains(records[0].Added["olderSecrets"], "leaked") {
		t.Errorf("records %+v", records)
	}
	other := h.leakable(t, "Leaked too")
	key = other.Key
	h.newSecret(t, &key)
	if key := h.reported(t, apikey.ExposureReport{Key: other.Text}); !key.Disabled || key.Exposure == nil {
		t.Errorf("after a live older secret leaked: %+v", key)
	}
}
