package command

import (
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// Times and durations are read in each documented form, and in no other.
func TestTimes(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 5, time.UTC)
	for text, want := range map[string]string{
		"2030-01-31T12:00:00Z": "2030-01-31T12:00:00Z", "2030-01-31": "2030-01-31T00:00:00Z", "90d": "2027-02-26T12:00:00Z", "12h": "2026-11-29T00:00:00Z", "30m": "2026-11-28T12:30:00Z",
		"": "", "soon": "", "-1h": "", "-1d": "", "1.5d": "", "99999d": "", "31.01.2030": "",
	} {
		got, err := parseTime("expires", text, now)
		if (err == nil) != (want != "") || err == nil && when(got) != want {
			t.Errorf("%q: %s, %v", text, when(got), err)
		}
		if code, _ := failure.Code(err); err != nil && code != failure.Usage {
			t.Errorf("%q: code %d", text, code)
		}
	}
}

// What looks like a key or a token is refused as an argument; ids, names and paths
// are not.
func TestArgumentsThatLookLikeKeys(t *testing.T) {
	body := strings.Repeat("aB3", 22)
	for arg, refused := range map[string]bool{
		"kw_" + body: true, "acme_live_" + body: true, "--profile=kw_" + body: true, "Bearer kw_" + body: true, "kw_" + body[:50]: true,
		"eyJhbGciOiJFUzI1NiIsInR5cCI6.eyJpc3MiOiJo.abc": true,
		"94d470ba-700e-4034-ad17-4326aa3493a2":          false, "CI, uploads": false, "./some_folder/with_a_long_name_of_many_words/file.go": false,
		"kw_4WpwtQ...005qPE": false, "api_keys_read": false, "https://abc.execute-api.eu-west-1.amazonaws.com/prod": false,
	} {
		if err := refuseKeys([]string{"x", arg}); (err != nil) != refused || err != nil && strings.Contains(err.Error(), body[:20]) {
			t.Errorf("%q: %v", arg, err)
		}
	}
}
