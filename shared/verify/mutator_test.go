package verify

import (
	"math/rand/v2"
	"testing"

	"github.com/keyward/keyward/shared/keytext"
)

// mutator alters a key's credential. The result is never the key's own.
type mutator struct {
	random *rand.Rand
	key    keytext.Key
	t      testing.TB
}

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_:+/= \n\x00\u0080"

func (m mutator) authorization() []string {
	switch m.random.IntN(4) {
	case 0: // the right id and checksum, another secret
		secret := m.key.Secret()
		for range 1 + m.random.IntN(3) {
			secret[m.random.IntN(len(secret))] ^= 1 << m.random.IntN(8)
		}
		if secret == m.key.Secret() {
			secret[0] ^= 1
		}
		return []string{m.dress(forge(m.t, m.key, secret).Reveal())}
	case 1: // the base64 altered, which must not decode to the same
		return []string{"Basic " + m.alter(encode(m.key.Reveal()+":"))}
	case 2: // another prefix, the rest the same
		other, err := keytext.Generate("kx", &parts{m.key.ID(), m.key.Secret()})
		if err != nil {
			m.t.Fatal(err)
		}
		return []string{m.dress(other.Reveal())}
	}
	return []string{m.dress(m.alter(m.key.Reveal()))}
}

// dress puts a text into one of the accepted forms.
func (m mutator) dress(text string) string {
	return []string{"Bearer " + text, "Basic " + text, "Basic " + encode(text+":")}[m.random.IntN(3)]
}

// alter makes one to three edits; the result differs from text.
func (m mutator) alter(text string) string {
	altered := []byte(text)
	for range 1 + m.random.IntN(3) {
		i, c := m.random.IntN(len(altered)), letters[m.random.IntN(len(letters))]
		switch m.random.IntN(5) {
		case 0:
			altered[i] = c
		case 1:
			altered[i] ^= 1 << m.random.IntN(8)
		case 2:
			altered = append(altered[:i], altered[i+1:]...)
		case 3:
			altered = append(altered[:i], append([]byte{c}, altered[i:]...)...)
		case 4:
			j := m.random.IntN(len(altered))
			altered[i], altered[j] = altered[j], altered[i]
		}
	}
	if string(altered) == text {
		altered = append(altered, '0')
	}
	return string(altered)
}
