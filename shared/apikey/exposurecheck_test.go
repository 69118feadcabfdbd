package apikey_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/keytext"
)

// Whatever was never a key's secret changes nothing, and the reporter cannot
// tell: junk, a key that does not exist or is deleted permanently, and a wrong
// secret.
func TestReportsOfNothing(t *testing.T) {
	h := newHouse(t)
	minted, deleted := h.leakable(t, "Kept"), h.leakable(t, "Deleted")
	if _, err := h.ChangeSettings(t.Context(), h.owner, 0, apikey.SettingsEdit{Retention: new(time.Duration(0))}); err != nil {
		t.Fatal(err)
	}
	h.delete(t, deleted.Key.ID)
	unknown, err1 := keytext.Generate("kw", h.Entropy)
	wrong, err2 := keytext.Generate("kw", io.MultiReader(bytes.NewReader(minted.Key.ID[:]), h.Entropy))
	prefix, err3 := keytext.Generate("other", io.MultiReader(bytes.NewReader(minted.Key.ID[:]), h.Entropy))
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatal(err1, err2, err3)
	}
	check := func(what string, text keytext.Key) {
		if err := h.ReportExposures(t.Context(), apikey.Caller{}, apikey.ExposureReport{Key: text}); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, text := range map[string]keytext.Key{"junk": {}, "unknown": unknown, "wrong": wrong, "prefix": prefix, "deleted": deleted.Text} {
		check(what, text)
	}
	key, err := h.store.Key(t.Context(), minted.Key.ID)
	if n := len(h.exposures(t)); n != 0 || err != nil || key.Version != minted.Key.Version {
		t.Errorf("%d records, key %+v, %v", n, key, err)
	}
}

// Junk costs no read and no digest. A key that exists with another secret costs
// what one that does not exist does: one read and one digest. If digests fail,
// both fail.
func TestCostOfReports(t *testing.T) { synctest.Test(t, costOfReports) }

func costOfReports(t *testing.T) {
	h := newHouse(t)
	minted := h.leakable(t, "Kept")
	unknown, _ := keytext.Generate("kw", h.Entropy)
	wrong, _ := keytext.Generate("kw", io.MultiReader(bytes.NewReader(minted.Key.ID[:]), h.Entropy))
	for _, broken := range []bool{false, true} {
		counted := &countedDigester{Digester: h.Digester, broken: broken}
		paced := &apikeytest.Paced{Store: h.store}
		rules := *h.Rules
		rules.Digester, rules.Store = counted, paced
		for what, text := range map[string]keytext.Key{"junk": {}, "unknown": unknown, "wrong": wrong} {
			counted.digests = 0
			var err error
			waits, calls := paced.Count(func() {
				err = rules.ReportExposures(t.Context(), apikey.Caller{}, apikey.ExposureReport{Key: text})
			})
			want := 1
			if what == "junk" {
				want = 0
			}
			if waits != want || calls != want || counted.digests != want || (err != nil) != (broken && want == 1) {
				t.Errorf("%s: %d waits, %d calls, %d digests, %v", what, waits, calls, counted.digests, err)
			}
		}
	}
}

// countedDigester counts digests, and fails if it is broken.
type countedDigester struct {
	apikey.Digester
	digests int
	broken  bool
}

func (d *countedDigester) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	if d.digests++; d.broken {
		return apikey.Digest{}, apikey.UnavailableError("digest", nil)
	}
	return d.Digester.Digest(ctx, message)
}

func (d *countedDigester) DigestWith(ctx context.Context, version int, message []byte) (apikey.Digest, error) {
	if d.digests++; d.broken {
		return apikey.Digest{}, apikey.UnavailableError("digest", nil)
	}
	return d.Digester.DigestWith(ctx, version, message)
}

// A source or a URL that is too long, hides characters, is no https URL or
// shows a key is refused, and so is a source that calls itself GitHub without a
// signature. Then none of the reports changes anything. Tolerant leaves out
// what would be refused.
func TestRefusedReports(t *testing.T) {
	h := newHouse(t)
	minted := h.leakable(t, "Kept")
	long := strings.Repeat("a", 40) + " "
	for _, c := range []struct {
		field       string
		source, url string
	}{
		{"source", strings.Repeat(long, 2), ""},
		{"source", "a\nb", ""},
		{"source", "a\u202eb", ""},
		{"source", "\xff", ""},
		{"source", "GitHub", ""},
		{"source", "github: commit", ""},
		{"source", minted.Text.Reveal(), ""},
		{"url", "", "http://example.com/"},
		{"url", "", "javascript:alert(1)"},
		{"url", "", "https://"},
		{"url", "", "https:example.com"},
		{"url", "", "/page"},
		{"url", "", "https://user:password@example.com/"},
		{"url", "", "https://example.com/\x00"},
		{"url", "", "https://example.com/a b"},
		{"url", "", "https://example.com/\"><script>"},
		{"url", "", "https://example.com/" + strings.Repeat("a/", 600)},
	} {
		report := apikey.ExposureReport{Key: minted.Text, Source: c.source, URL: c.url}
		err := h.ReportExposures(t.Context(), apikey.Caller{}, report)
		wantKind(t, err, apikey.Invalid)
		if fields := fieldsOf(err); !slices.Equal(fields, []string{c.field}) {
			t.Errorf("%q %q: fields %q", c.source, c.url, fields)
		}
		err = h.ReportExposures(t.Context(), apikey.Caller{}, apikey.ExposureReport{Key: minted.Text}, report)
		if fields := fieldsOf(err); !slices.Equal(fields, []string{"[1]." + c.field}) {
			t.Errorf("%q %q: fields %q", c.source, c.url, fields)
		}
		if clean := report.Tolerant(); clean.Source != "" || clean.URL != "" {
			t.Errorf("tolerant: %q %q", clean.Source, clean.URL)
		}
	}
	if n := len(h.exposures(t)); n != 0 {
		t.Errorf("%d records", n)
	}
}

// A URL that shows a key is stored without it, also if the key is escaped, and
// whatever else is in the URL.
func TestKeysInURLsAreNotStored(t *testing.T) {
	const blob = "https://github.com/o/r/blob/12345600b9cbe38a219f39a9941c9319b600c002/a.txt"
	for url, want := range map[string]string{
		"https://example.com/?q=KEY": "https://example.com/[redacted]", "https://example.com/%6bw%5FKEY": "https://example.com/[redacted]",
		"https://KEY.example.com/": "", blob: blob, "": "",
		"https://example.com/?k=ESC&a=100%": "https://example.com/[redacted]", "https://example.com/?a=%zz%%2&k=ESC": "https://example.com/[redacted]",
		"https://example.com/?a=100%": "https://example.com/?a=100%",
	} {
		h := newHouse(t)
		minted := h.leakable(t, "Leaked")
		text := minted.Text.Reveal()
		key := h.reported(t, apikey.ExposureReport{Key: minted.Text, URL: strings.NewReplacer("KEY", text, "ESC", escaped(text)).Replace(url)})
		records := h.exposures(t)
		if key.Exposure == nil || key.Exposure.URL != want || len(records) != 1 || records[0].After["exposure.url"] != want {
			t.Errorf("%s: %+v, %+v", url, key.Exposure, records)
		}
	}
}

// escaped returns a text with every byte escaped.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, "%%%02x", c)
	}
	return b.String()
}

// fieldsOf returns the fields that an error names.
func fieldsOf(err error) (fields []string) {
	if e, ok := errors.AsType[*apikey.Error](err); ok {
		for _, fault := range e.Fields {
			fields = append(fields, fault.Field)
		}
	}
	return fields
}
