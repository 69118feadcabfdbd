package keytext_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/keyward/keyward/shared/keytext"
)

// vector is a key whose text is fixed for ever: a change of the format breaks
// every key that was handed out.
type vector struct {
	Prefix, Entropy, Text, ID, Redacted, Start string
}

func vectors(t testing.TB) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 4 {
		t.Fatalf("%d vectors: want at least 4", len(all))
	}
	return all
}

// The same entropy gives the same text, id and shown forms, for ever.
func TestVectors(t *testing.T) {
	for _, v := range vectors(t) {
		entropy, err := hex.DecodeString(v.Entropy)
		if err != nil {
			t.Fatal(err)
		}
		key, err := keytext.Generate(v.Prefix, bytes.NewReader(entropy))
		if err != nil {
			t.Fatal(err)
		}
		got := vector{v.Prefix, v.Entropy, key.Reveal(), key.ID().String(), key.Redacted(), key.Start()}
		if got != v {
			t.Errorf("got  %+v\nwant %+v", got, v)
		}
	}
}

// A vector's text reads independently as base 62 in the alphabet 0-9A-Za-z: the
// id and the secret are plain big-endian numbers.
func TestVectorsAgreeWithBigInt(t *testing.T) {
	for _, v := range vectors(t) {
		body := v.Text[len(v.Prefix)+1:]
		id, secret := number(body[:22]), number(body[22:60])
		wantID, _ := new(big.Int).SetString(strings.ReplaceAll(v.ID, "-", ""), 16)
		wantSecret, _ := new(big.Int).SetString(v.Entropy[32:], 16)
		if id.Cmp(wantID) != 0 || secret.Cmp(wantSecret) != 0 {
			t.Errorf("%s: id %x, secret %x", v.Text, id, secret)
		}
	}
}

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

func number(digits string) *big.Int {
	n := new(big.Int)
	for _, c := range digits {
		n.Mul(n, big.NewInt(62)).Add(n, big.NewInt(int64(strings.IndexRune(alphabet, c))))
	}
	return n
}

// wrap adds 2 to the power of bits, which a field of that many bits loses.
func wrap(n *big.Int, bits uint) *big.Int { return n.Add(n, new(big.Int).Lsh(big.NewInt(1), bits)) }

// spell returns a number as digits.
func spell(n *big.Int, width int) string {
	digits := make([]byte, width)
	for i := range digits {
		digit := new(big.Int)
		n.DivMod(n, big.NewInt(62), digit)
		digits[width-1-i] = alphabet[digit.Int64()]
	}
	return string(digits)
}

// Every generated key reads back as itself, whatever its prefix, and has the
// stated length and alphabet.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`[a-z]([a-z0-9]{1,15}|[a-z0-9]{0,6}_[a-z0-9]{1,8})`).Draw(t, "prefix")
		entropy := rapid.SliceOfN(rapid.Byte(), 44, 44).Draw(t, "entropy")
		key, err := keytext.Generate(prefix, bytes.NewReader(entropy))
		if err != nil {
			t.Fatal(err)
		}
		text := key.Reveal()
		if len(text) != len(prefix)+67 || strings.Trim(text[len(prefix)+1:], alphabet) != "" {
			t.Fatalf("form of %q", text)
		}
		back, err := keytext.Parse(text)
		if err != nil || back.Reveal() != text || back.ID() != key.ID() || back.Secret() != key.Secret() {
			t.Fatalf("%q does not read back: %v", text, err)
		}
	})
}

// No other text of the same length that differs in one character is a key: the
// checksum finds every single error.
func TestEverySingleErrorIsFound(t *testing.T) {
	text := vectors(t)[0].Text
	for i := range len(text) {
		for c := range 256 {
			changed := []byte(text)
			changed[i] = byte(c)
			if byte(c) == text[i] {
				continue
			}
			if _, err := keytext.Parse(string(changed)); !errors.Is(err, keytext.ErrMalformed) {
				t.Fatalf("accepted with %q at %d", byte(c), i)
			}
		}
	}
}

// A value too large for its field is refused, though its checksum is right: one
// value has one spelling. So is an id that is no version 4 UUID.
func TestOutOfRangeIsRefused(t *testing.T) {
	body := vectors(t)[0].Text[3:63]
	cases := map[string]string{
		"id over 128 bits":           "zzzzzzzzzzzzzzzzzzzzzz" + body[22:],
		"secret over 224 bits":       body[:22] + strings.Repeat("z", 38),
		"id, and 2 to the 128th":     spell(wrap(number(body[:22]), 128), 22) + body[22:],
		"secret, and 2 to the 224th": body[:22] + spell(wrap(number(body[22:]), 224), 38),
		"a secret of 2 to the 224th": body[:22] + spell(wrap(new(big.Int), 224), 38),
		"id of another version":      strings.Repeat("0", 22) + body[22:],
	}
	for name, body := range cases {
		text := keytext.WithChecksum("kw_" + body)
		if _, err := keytext.Parse(text); !errors.Is(err, keytext.ErrMalformed) {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := keytext.Parse(keytext.WithChecksum("kw_" + body)); err != nil {
		t.Errorf("the unchanged body is refused: the cases above prove nothing")
	}
}

// Only prefixes of the documented form make keys.
func TestPrefixes(t *testing.T) {
	for prefix, good := range map[string]bool{
		"kw": true, "pok": true, "abcdefgh": true, "a1": true, "acme_live": true, "a_1": true, "abcdefghijklmnop": true, "abcdefg_hijklmno": true,
		"": false, "k": false, "abcdefghijklmnopq": false, "abcdefgh_ijklmnop": false, "_a": false, "a_b_c": false, "a__b": false, "1_a": false, "a-b": false, "a_B": false, "1a": false, "Kw": false, "k_": false, "kẃ": false,
	} {
		if _, err := keytext.Generate(prefix, rand.Reader); (err == nil) != good {
			t.Errorf("%q: %v", prefix, err)
		}
	}
}

// A source of entropy that runs dry makes no key.
func TestEntropyRunsDry(t *testing.T) {
	for n := range 44 {
		if _, err := keytext.Generate("kw", bytes.NewReader(make([]byte, n))); err == nil {
			t.Fatalf("a key of %d bytes of entropy", n)
		}
	}
}

// However a key is printed, logged or encoded, its secret does not show.
func TestKeyRedacts(t *testing.T) {
	key, err := keytext.Generate("kw", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	secret := key.Reveal()[25:63]
	raw := key.Secret()
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "key", key, "in", struct{ K keytext.Key }{key})
	encoded, _ := json.Marshal(map[string]any{"key": key})
	shown := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%b", "%o", "%t", "%p"} {
		shown += fmt.Sprintf(verb+verb+verb, key, []any{key, struct{ K keytext.Key }{key}}, struct{ k keytext.Key }{key})
	}
	if strings.Contains(shown, secret) || strings.Contains(shown, hex.EncodeToString(raw[:])) || strings.Contains(shown, strings.Trim(fmt.Sprint(raw), "[]")) {
		t.Error("the secret shows")
	}
	if !strings.Contains(shown, key.Redacted()) {
		t.Error("the redacted form does not show")
	}
}

// Refusing allocates nothing: a flood of junk costs no garbage.
func TestRefusingAllocatesNothing(t *testing.T) {
	text := vectors(t)[0].Text
	for _, text := range []string{text[:len(text)-1] + "!", text[:len(text)-1] + "x", "junk", strings.Repeat("x", 10_000)} {
		if n := testing.AllocsPerRun(100, func() { _, _ = keytext.Parse(text) }); n != 0 {
			t.Errorf("%v allocations for a text of %d bytes", n, len(text))
		}
	}
}

// Whatever Parse accepts, Reveal spells the same: no key has two spellings.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.Text)
		f.Add(v.Redacted)
	}
	f.Fuzz(func(t *testing.T, text string) {
		// A fuzzer cannot guess checksums: give it the right one as well.
		for _, text := range []string{text, keytext.WithChecksum(text)} {
			key, err := keytext.Parse(text)
			if err != nil {
				if !errors.Is(err, keytext.ErrMalformed) {
					t.Fatal(err)
				}
				continue
			}
			if key.Reveal() != text {
				t.Fatalf("%q is spelt %q", text, key.Reveal())
			}
		}
	})
}
