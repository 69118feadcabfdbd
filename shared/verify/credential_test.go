package verify

import (
	"bufio"
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

func encode(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// Each accepted form gives the same key.
func TestAcceptedForms(t *testing.T) {
	key := newKey(t)
	text := key.Reveal()
	for _, value := range []string{
		"Bearer " + text, "bearer " + text, "BEARER " + text, "bEaReR " + text,
		"Basic " + text, "basic " + text, "bAsIc " + text,
		"Basic " + encode(text+":"), "BASIC " + encode(text+":"),
	} {
		got, code := parseCredential([]string{value})
		if code != "" || got.Reveal() != text {
			t.Errorf("%s... gave %s, %s", value[:10], got, code)
		}
	}
}

// Every other form is refused before any I/O: no read and no digest.
func TestRefusedForms(t *testing.T) {
	w := newWorld()
	v := w.verifier(0)
	text := w.mint(t, "acme", "ManageFiles").Reveal()
	other := w.mint(t, "acme", "ManageFiles").Reveal()
	w.hmac = 0
	for name, values := range refusedForms(text, other) {
		t.Run(name, func(t *testing.T) {
			request := Request{Authorization: values, API: demoAPI, Method: "POST", Route: "/v1/files"}
			d, err := v.Decide(t.Context(), request)
			if err != nil || d.Outcome != Unauthenticated || d.Code != CredentialMalformed && d.Code != CredentialMissing {
				t.Errorf("got outcome %d %s, %v", d.Outcome, d.Code, err)
			}
		})
	}
	if w.hmac != 0 {
		t.Errorf("%d digests", w.hmac)
	}
	if keys, services := w.reads(); keys+services != 0 {
		t.Errorf("%d reads", keys+services)
	}
}

func refusedForms(k, other string) map[string][]string {
	good := encode(k + ":")
	forms := map[string][]string{
		"none": nil, "empty value": {""}, "two values": {"Bearer " + k, "Bearer " + k},
		"two different values": {"Bearer " + k, "Bearer " + other},
		"good and empty":       {"Bearer " + k, ""},
		"comma-joined":         {"Bearer " + k + ",Bearer " + other},
		"comma and space":      {"Bearer " + k + ", Bearer " + k},
		"scheme alone":         {"Bearer"}, "scheme and space": {"Bearer "}, "key alone": {k},
		"base64 alone": {good}, "another scheme": {"Digest " + k}, "ApiKey": {"ApiKey " + k},
		"two spaces": {"Bearer  " + k}, "trailing space": {"Bearer " + k + " "}, "leading space": {" Bearer " + k},
		"tab": {"Bearer\t" + k}, "trailing tab": {"Bearer " + k + "\t"}, "no space": {"Bearer" + k},
		"colon for space": {"Bearer:" + k}, "non-breaking space": {"Bearer\u00a0" + k},
		"newline behind": {"Bearer " + k + "\n"}, "newline between": {"Bearer\n" + k}, "nul": {"Bearer " + k + "\x00"},
		"base64 under Bearer": {"Bearer " + good}, "raw with colon": {"Basic " + k + ":"}, "Bearer with colon": {"Bearer " + k + ":"},
		"base64 without colon": {"Basic " + encode(k)}, "with password": {"Basic " + encode(k+":x")},
		"password is the key": {"Basic " + encode(":"+k)}, "two colons": {"Basic " + encode(k+"::")},
		"key as name and password": {"Basic " + encode(k+":"+k)}, "space in base64": {"Basic " + encode(k+" :")},
		"newline in base64":        {"Basic " + good[:40] + "\n" + good[40:]},
		"CRLF in base64":           {"Basic " + good[:40] + "\r\n" + good[40:]},
		"newline after base64":     {"Basic " + good + "\n"},
		"newline inside the key":   {"Basic " + encode(k+"\n:")},
		"URL alphabet":             {"Basic " + good[:20] + "-_" + good[22:]},
		"missing padding":          {"Basic " + strings.TrimRight(good, "=")},
		"padding too much":         {"Basic " + good + "="},
		"base64 twice":             {"Basic " + encode(good)},
		"base64 of the header":     {"Basic " + encode("Bearer "+k)},
		"redacted":                 {"Bearer " + k[:9] + "..." + k[len(k)-6:]},
		"digest in hex":            {"Bearer " + strings.Repeat("ab", 32)},
		"zero-width space":         {"Bearer " + k[:20] + "\u200b" + k[20:]},
		"zero-width in the scheme": {"Bear\u200ber " + k},
		"full-width":               {"Bearer " + strings.Replace(k, k[len(k)-1:], "\uff10", 1)},
		"full-width scheme":        {"Ｂearer " + k},
		"long s in Basic":          {"Ba\u017fic " + k},
		"upper case key":           {"Bearer " + strings.ToUpper(k)},
		"last character gone":      {"Bearer " + k[:len(k)-1]},
		"one character more":       {"Bearer " + k + "0"},
		"ten megabytes":            {"Bearer " + strings.Repeat("k", 10<<20)},
		"ten megabytes of base64":  {"Basic " + strings.Repeat("QUJD", 10<<18)},
		"ten thousand values":      make([]string, 10_000),
	}
	forms["non-zero trailing bits"] = []string{"Basic " + trailingBits(good)}
	return forms
}

// trailingBits sets a bit that padding hides, so that a lax decoder returns the
// same bytes.
func trailingBits(padded string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	last := strings.IndexByte(padded, '=') - 1
	altered := []byte(padded)
	altered[last] = alphabet[strings.IndexByte(alphabet, altered[last])+1]
	return string(altered)
}

// The two forms above really test for a lax decoder: unaltered they are
// accepted, and encoding/base64 decodes them.
func TestTrapsAreReal(t *testing.T) {
	k := newKey(t).Reveal()
	bits := encode(k + ":")
	if _, code := parseCredential([]string{"Basic " + bits}); code != "" || !strings.HasSuffix(bits, "=") {
		t.Fatalf("%s for the unaltered form, or it has no padding", code)
	}
	for _, altered := range []string{trailingBits(bits), bits[:8] + "\n" + bits[8:]} {
		decoded, err := base64.StdEncoding.DecodeString(altered)
		if err != nil || string(decoded) != k+":" {
			t.Errorf("the lax decoder does not take it either: %v", err)
		}
	}
}

// A header of ten megabytes is refused after reading no more than the scheme.
func TestHugeHeaderIsNotRead(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	if _, code := parseCredential([]string{unreadable(t, "Basic ", 10<<20)}); code != CredentialMalformed {
		t.Errorf("got %q", code)
	}
}

// unreadable returns a text of that size. Reading more than its first bytes
// panics.
func unreadable(t *testing.T, first string, size int) string {
	t.Helper()
	page := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, page+size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(memory) })
	text := memory[page-len(first):]
	copy(text, first)
	if err := syscall.Mprotect(memory[page:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	return unsafe.String(&text[0], len(text))
}

// Every accepted text is one of the three forms of the key that it gives, apart
// from the case of the scheme. No other texts give the same key.
func FuzzCredential(f *testing.F) {
	f.Fuzz(func(t *testing.T, value string) {
		key, code := parseCredential([]string{value})
		if code != "" {
			return
		}
		text := key.Reveal()
		scheme, rest, _ := strings.Cut(value, " ")
		bearer := strings.ToLower(scheme) == "bearer" && rest == text
		basic := strings.ToLower(scheme) == "basic" && (rest == text || rest == encode(text+":"))
		if !bearer && !basic {
			t.Errorf("accepted a form that is none: scheme %q, %d bytes", scheme, len(rest))
		}
	})
}

// The fuzz target has a corpus, and part of it is accepted, so that it starts
// near the dangerous inputs.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/fuzz/FuzzCredential/*")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d files in the corpus, %v", len(files), err)
	}
	accepted := 0
	for _, name := range files {
		if _, code := parseCredential([]string{corpusValue(t, name)}); code == "" {
			accepted++
		}
	}
	if accepted < 3 {
		t.Errorf("only %d of %d are accepted", accepted, len(files))
	}
}

func corpusValue(t *testing.T, name string) string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewScanner(file)
	for range 2 {
		lines.Scan()
	}
	text, found := strings.CutPrefix(lines.Text(), `string("`)
	if !found {
		t.Fatalf("%s has no string on its second line", name)
	}
	return strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(strings.TrimSuffix(text, `")`))
}
