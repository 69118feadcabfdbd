package canonical_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/keytext"
)

func id(t *testing.T, text string) keytext.ID {
	t.Helper()
	parsed, err := keytext.ParseID(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// sample is the record of the key that the Polaris document's samples show.
func sample(t *testing.T) apikey.Key {
	t.Helper()
	return apikey.Key{
		ID: id(t, "730b0bd3-c770-4501-99f8-f3adff537051"), Org: "demo",
		Name: "New API key", Description: "New demo key", Redacted: "pok_bjSYK...nSUZ16",
		Permissions: apikey.NewPermissions("ManageFiles", "AccessQueries"),
		CreatedBy:   apikey.Actor{Username: "api-key-pok_4gakz...k9kioy", UserID: "ef78eff2-d5dc-4d50-b46e-8306092a752a"},
		CreatedOn:   time.Date(2022, 9, 20, 21, 58, 7, 524e6, time.UTC),
		Version:     1,
	}
}

func encode(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A key has the fields of the Polaris document's samples, with their names, in
// their order, and none that is not there: before its first change and after.
func TestKeyLooksLikeTheDocuments(t *testing.T) {
	key := sample(t)
	const head = `{"id":"730b0bd3-c770-4501-99f8-f3adff537051","name":"New API key","description":"New demo key",` +
		`"redactedApiKey":"pok_bjSYK...nSUZ16","permissions":["AccessQueries","ManageFiles"],` +
		`"createdBy":{"username":"api-key-pok_4gakz...k9kioy","userId":"ef78eff2-d5dc-4d50-b46e-8306092a752a"},"lastModifiedBy":`
	if got := encode(t, canonical.FromKey(key)); got != head+`{},"createdOn":"2022-09-20T21:58:07.524Z"}` {
		t.Error(got)
	}
	key.LastModifiedBy, key.LastModifiedOn = key.CreatedBy, time.Date(2022, 9, 21, 3, 21, 52, 290e6, time.UTC)
	want := head + `{"username":"api-key-pok_4gakz...k9kioy","userId":"ef78eff2-d5dc-4d50-b46e-8306092a752a"},` +
		`"createdOn":"2022-09-20T21:58:07.524Z","lastModifiedOn":"2022-09-21T03:21:52.29Z"}`
	if got := encode(t, canonical.FromKey(key)); got != want {
		t.Error(got)
	}
}

// Lists and permissions are never null, and a last page has no cursor.
func TestEmptyIsNotNull(t *testing.T) {
	key := sample(t)
	key.Permissions = nil
	for got, want := range map[string]string{
		encode(t, canonical.FromKey(key)):                                    `"permissions":[]`,
		encode(t, canonical.FromPage(apikey.Page{})):                         `{"items":[]}`,
		encode(t, canonical.FromCatalogue(nil)):                              `{"items":[]}`,
		encode(t, canonical.FromCatalogue([]apikey.Permission{{Name: "P"}})): `{"items":[{"name":"P","description":""}]}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s, without %s", got, want)
		}
	}
}

// JSON shows a new key's text; nothing that prints does.
func TestSecretIsForJSONAlone(t *testing.T) {
	text, err := keytext.Generate("kw", apikeytest.Entropy(1))
	if err != nil {
		t.Fatal(err)
	}
	wire := canonical.FromMinted(apikey.Minted{Key: sample(t), Text: text})
	secret := text.Reveal()
	if !strings.Contains(encode(t, wire), `"apiKey":"`+secret+`"`) {
		t.Error("the answer does not show the key")
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "key", wire)
	for _, printed := range []string{fmt.Sprint(wire), fmt.Sprintf("%v %+v %#v %s %q %x", wire, wire, wire, wire.Text, wire.Text, wire.Text), log.String()} {
		if strings.Contains(printed, secret) || strings.Contains(printed, fmt.Sprintf("%x", secret)) {
			t.Error("the key was printed")
		}
	}
}

// Times are those of the Polaris document: UTC, and milliseconds without their
// trailing zeros.
func TestTime(t *testing.T) {
	base := time.Date(2022, 9, 21, 3, 21, 52, 0, time.UTC)
	for want, in := range map[string]time.Time{
		"2022-09-21T03:21:52.29Z":  base.Add(290 * time.Millisecond),
		"2022-09-21T03:21:52.001Z": base.Add(time.Millisecond + 999*time.Microsecond),
		"2022-09-21T03:21:52Z":     base.In(time.FixedZone("", 7200)),
		"":                         {},
	} {
		if got := canonical.Time(in); got != want {
			t.Errorf("%v is %s, want %s", in, got, want)
		}
	}
}
