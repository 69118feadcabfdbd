package canonical_test

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// The cursor of a list of keys is read back as it was written, and has no other
// spelling. It distinguishes queries.
func TestKeyCursor(t *testing.T) {
	query := apikey.KeyQuery{Sort: apikey.SortName, Text: "a"}
	at := apikey.Position{CreatedOn: time.UnixMilli(1700000000123).UTC(), ID: id(t, policyID), Value: "für"}
	// No name grows more when it is normalized than one of musical symbols.
	longest := strings.ToLower(norm.NFC.String(strings.Repeat("\U0001D160", apikey.MaxNameBytes/4)))
	for _, position := range []apikey.Position{at, {CreatedOn: at.CreatedOn}, {CreatedOn: at.CreatedOn, ID: at.ID}, {CreatedOn: at.CreatedOn, ID: at.ID, Value: longest}} {
		place := canonical.KeyPlace{Position: position, Query: canonical.DigestOf(query)}
		text := canonical.KeyCursor(place)
		if read, err := canonical.ParseKeyCursor(text); err != nil || read != place {
			t.Errorf("%+v, %v, want %+v", read, err, place)
		}
		for _, other := range []string{"", text[:20], text + "=", text + "\n", text + "_w", strings.ToUpper(text), text + strings.Repeat("A", 1400)} {
			if read, err := canonical.ParseKeyCursor(other); err == nil && canonical.KeyCursor(read) != other {
				t.Errorf("%q is read as %+v", other, read)
			}
		}
	}
	marks := map[canonical.QueryDigest]bool{}
	queries := []apikey.KeyQuery{{}, query, {Sort: apikey.SortName}, {Descending: true}, {State: apikey.StateActive}, {Use: apikey.NeverUsed}, {KeyFilter: apikey.KeyFilter{Policy: at.ID}}}
	for _, query := range queries {
		marks[canonical.DigestOf(query)] = true
	}
	if len(marks) != len(queries) {
		t.Errorf("%d marks of %d queries", len(marks), len(queries))
	}
}
