package gateway

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"runtime"
	"strings"
	"testing"
)

// credentials returns the ways to send a key in a header, and whether each is
// accepted.
func credentials(key string) map[string]bool {
	encode := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	padded := encode(key + ":") // its last group is incomplete
	return map[string]bool{
		"Bearer " + key: true, "bEaReR " + key: true, "Basic " + key: true, "bAsIc " + key: true, "Basic " + padded: true,

		"": false, key: false, "Bearer": false, "Bearer ": false, "Digest " + key: false, "Bearer=" + key: false,
		"Basic " + encode(key): false, "Basic " + encode(key+":x"): false, "Basic " + encode(":"+key): false, "Basic " + encode(key+"::"): false,
		"Basic " + padded[:20] + "\n" + padded[20:]: false, "Basic " + padded[:20] + "\r\n" + padded[20:]: false,
		"Basic " + trailingBits(padded):    false,
		"Basic " + encode(key+"\xff\xfe:"): false, "Basic " + base64.URLEncoding.EncodeToString([]byte(key+"\xff\xfe:")): false,
		"Basic " + strings.TrimRight(padded, "=") + strings.Repeat("=", 1+strings.Count(padded, "=")): false,
		"Basic " + strings.TrimRight(padded, "="):                                                     false, "Basic " + strings.TrimSuffix(padded, "="): false,
		"Basic " + base64.RawStdEncoding.EncodeToString([]byte(key+"::")): false, "Basic " + padded + "\n": false, "Basic  " + padded: false, "Basic " + padded + " ": false,
		"Bearer  " + key: false, " Bearer " + key: false, "Bearer " + key + " ": false, "Bearer\t" + key: false, "Bearer " + key + "\t": false,
		"Bearer " + key + "\n": false, "Bearer " + key + ", Bearer " + key: false, "Bearer " + key + ",Bearer " + key: false,
		"Bearer " + key + "," + key:                false,
		"Bearer " + key[:20] + "\u200b" + key[20:]: false, "Bearer \ufeff" + key: false, "Bearer " + key[:20] + "\uff21" + key[21:]: false,
		"\uff22earer " + key: false, "Ba\u017fic " + key: false, "Bearer\u00a0" + key: false,
		"Bearer " + strings.ToUpper(key): false, "Bearer " + key[:len(key)-1]: false, "Bearer " + key + "0": false,
		"Bearer " + strings.Repeat("A", 1<<20): false,
	}
}

// trailingBits changes bits of base64 text that decoders ignore: those of the
// last character, if the last group is incomplete.
func trailingBits(text string) string {
	body := strings.TrimRight(text, "=")
	if body == text {
		return text + "===="
	}
	return body[:len(body)-1] + string(body[len(body)-1]+1) + text[len(body):]
}

// Every form of a credential gets the same answer on every shape of event. If it
// carries the key, it is allowed, with the key's id, its user and its
// permissions for the called service. Any other costs no read and no digest, and
// leaves no trace in the log.
func TestCredentialCatalogue(t *testing.T) {
	h := newHouse(t)
	key := h.admin.Text.Reveal()
	digest := h.admin.Key.Digest.Sum
	forms := credentials(key)
	forms["Bearer "+h.admin.Text.Redacted()] = false
	forms["Bearer "+base64.StdEncoding.EncodeToString(digest[:])] = false
	forms["Bearer "+hex.EncodeToString(digest[:])] = false
	forms["Bearer "+string(digest[:])] = false
	forms["Bearer "+key[:25]+hex.EncodeToString(digest[:])] = false // the key's id, and what is stored of its secret
	for _, s := range shapes {
		for value, good := range forms {
			reads, digests := h.store.Reads(), h.peppers.Calls()
			answer, err := h.handler.Invoke(t.Context(), withCredential(t, s.name, value))
			text := string(answer)
			switch {
			case good:
				h.checkAllowed(t, s, value, text, err)
			case s.unauthorized == "" && (!errors.Is(err, ErrUnauthorized) || answer != nil), s.unauthorized != text, h.store.Reads() != reads, h.peppers.Calls() != digests:
				// AppSync never sends an event without a token.
				if s.name != "appsync" || value != "" || !errors.Is(err, ErrNoDecision) {
					t.Errorf("%s, %.40q...: %s, %v, %d reads", s.name, value, answer, err, h.store.Reads()-reads)
				}
			}
		}
	}
	if strings.Contains(h.log.String(), key[20:40]) || h.log.Len() > 500_000 {
		t.Error("the log holds a credential")
	}
}

func (h *house) checkAllowed(t *testing.T, s shape, value, text string, err error) {
	t.Helper()
	if err != nil || !strings.Contains(text, `"Allow"`) && !strings.Contains(text, `"isAuthorized":true`) {
		t.Errorf("%s, %.8s...: %s, %v", s.name, value, text, err)
	}
	if !strings.HasSuffix(strings.TrimRight(strings.TrimSuffix(text, `,"deniedFields":[],"ttlOverride":0}`), "}"), `"keyId":"`+h.admin.Key.ID.String()+
		`","keyType":"personal","userId":"`+h.owner.ID.String()+`","permissions":"`+permissionsOf(s.name)+`"`) {
		t.Errorf("%s: %s", s.name, text)
	}
	if strings.Contains(text, h.admin.Text.Reveal()) {
		t.Errorf("%s: the answer holds the key", s.name)
	}
}

// A key is accepted only in a single header, on every kind that has headers. It
// is not accepted in the query, twice, beside another spelling of the header, or
// in the identity sources. None of these costs a read.
func TestMisplacedCredentials(t *testing.T) {
	h := newHouse(t)
	value := "Bearer " + h.admin.Text.Reveal()
	type single = map[string]string
	type multi = map[string][]string
	for _, s := range shapes {
		if s.name == "rest-token" || s.name == "appsync" {
			continue // has nothing but its one token
		}
		for name, change := range map[string]map[string]any{
			"query alone":           {"headers": nil, "multiValueHeaders": nil, "queryStringParameters": single{"Authorization": value}},
			"identity source alone": {"headers": single{}, "multiValueHeaders": nil, "authorizationToken": value, "identitySource": value},
			"list alone":            {"headers": nil, "multiValueHeaders": nil, "identitySource": []string{value}},
			"two values":            {"headers": single{"Authorization": value}, "multiValueHeaders": multi{"Authorization": {value, value}}},
			"two spellings":         {"headers": nil, "multiValueHeaders": multi{"Authorization": {value}, "authorization": {value}}},
			"spellings, single":     {"headers": single{"Authorization": value, "authorization": value}, "multiValueHeaders": nil},
			"another header":        {"headers": single{"X-Api-Key": value, "Cookie": value}, "multiValueHeaders": nil},
			"a nested header":       {"headers": map[string]any{"A": single{"Authorization": value}}, "multiValueHeaders": nil},
		} {
			reads := h.store.Reads()
			if answer, err := h.handler.Invoke(t.Context(), changed(t, s.name, change)); !errors.Is(err, ErrUnauthorized) || answer != nil || h.store.Reads() != reads {
				t.Errorf("%s, %s: %s, %v", s.name, name, answer, err)
			}
		}
	}
}

// long returns an event of a kind with that many bytes of header.
func long(t testing.TB, name string, size int) []byte {
	t.Helper()
	places := strings.Count(string(load(t, name)), canary)
	return withCredential(t, name, "Bearer "+strings.Repeat("A", size/places))
}

// Ten megabytes of header are refused without a copy of them.
func TestHugeHeader(t *testing.T) {
	h := newHouse(t)
	for _, s := range shapes {
		refuse := func(payload []byte) {
			if _, err := h.handler.Invoke(t.Context(), payload); s.unauthorized == "" && !errors.Is(err, ErrUnauthorized) {
				t.Fatalf("%s: %v", s.name, err)
			}
		}
		refuse(long(t, s.name, 1000)) // one-time allocations do not count
		huge := long(t, s.name, 10<<20)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		refuse(huge)
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 64<<10 {
			t.Errorf("%s: %d bytes of memory for a header of ten megabytes", s.name, taken)
		}
	}
}

// BenchmarkHugeHeader measures the same refusal; it should take less than 5 ms.
func BenchmarkHugeHeader(b *testing.B) {
	h, payload := newHouse(b), long(b, "rest-request", 10<<20)
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		if _, err := h.handler.Invoke(b.Context(), payload); !errors.Is(err, ErrUnauthorized) {
			b.Fatal(err)
		}
	}
}
