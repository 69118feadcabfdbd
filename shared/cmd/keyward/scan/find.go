package scan

import (
	"bytes"
	"io"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/keytext"
)

const (
	// bodyChars is what stands after the underscore of a key.
	bodyChars = 66
	// maxPrefix is the length of the longest prefix.
	maxPrefix = keytext.MaxLength - 1 - bodyChars

	bufferSize = 256 << 10
)

// find calls found for each key in content, with its line, until that returns
// false. It needs no more memory than buffer, which must be longer than a key. A
// key may stand inside a longer word: its checksum tells it apart. Zero bytes are
// passed over, so that the keys in UTF-16 are found, too.
func find(content io.Reader, buffer []byte, prefixes []string, found func(line int, key keytext.Key) bool) error {
	line, kept := 1, 0
	// looked is how much of what is kept was searched for underscores.
	looked := 0
	for {
		n, err := content.Read(buffer[kept:])
		n = dropZeros(buffer[kept : kept+n])
		data := buffer[:kept+n]
		counted := 0
		for {
			i := bytes.IndexByte(data[looked:], '_')
			if i < 0 {
				looked = len(data)
				break
			}
			at := looked + i
			if at+1+bodyChars > len(data) {
				looked = at
				break
			}
			if key, ok := keyAround(data, at, prefixes); ok {
				line += bytes.Count(data[counted:at], []byte{'\n'})
				counted = at
				if !found(line, key) {
					return nil
				}
			}
			looked = at + 1
		}
		// What is not kept is not needed again, but its lines count.
		drop := max(0, min(looked-maxPrefix, len(data)))
		if drop > counted {
			line += bytes.Count(data[counted:drop], []byte{'\n'})
		} else {
			line -= bytes.Count(data[drop:counted], []byte{'\n'})
		}
		kept = copy(buffer, data[drop:])
		looked -= drop
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// dropZeros moves the bytes that are not zero to the front and returns how many
// there are.
func dropZeros(data []byte) int {
	if bytes.IndexByte(data, 0) < 0 {
		return len(data)
	}
	n := 0
	for _, c := range data {
		if c != 0 {
			data[n] = c
			n++
		}
	}
	return n
}

// keyAround returns the key whose last underscore stands at that place.
func keyAround(data []byte, underscore int, prefixes []string) (keytext.Key, bool) {
	end := underscore + 1 + bodyChars
	for _, c := range data[underscore+1 : end] {
		if !alphanumeric(c) {
			return keytext.Key{}, false
		}
	}
	// The longest prefix is not better than the shortest: the checksum fits one.
	for start := underscore - 1; start >= 0 && start >= underscore-maxPrefix; start-- {
		if c := data[start]; c != '_' && !alphanumeric(c) {
			break
		}
		key, err := keytext.Parse(string(data[start:end]))
		if err == nil && (len(prefixes) == 0 || slices.Contains(prefixes, key.Prefix())) {
			return key, true
		}
	}
	return keytext.Key{}, false
}

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// Keys returns the keys in a text.
func Keys(text string, prefixes ...string) []keytext.Key {
	var keys []keytext.Key
	for i := range len(text) {
		if text[i] == '_' && i+1+bodyChars <= len(text) {
			if key, ok := keyAround([]byte(text), i, prefixes); ok {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// Redact returns the text with the redacted form of each key in its place.
func Redact(text string) string {
	for _, key := range Keys(text) {
		text = strings.ReplaceAll(text, key.Reveal(), key.Redacted())
	}
	return text
}
