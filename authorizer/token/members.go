package token

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

var errNotObject = errors.New("it is not one JSON object with each name once")

// members are a JSON object's, by their exact names. A member of another type
// than it should have counts as one that is not there.
type members map[string]json.RawMessage

// readMembers reads an object, and nothing that two readers could take for two
// different ones: no name twice, no text that is not UTF-8.
func readMembers(text []byte) (members, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if first, _ := decoder.Token(); first != json.Delim('{') || !utf8.Valid(text) || !json.Valid(text) {
		return nil, errNotObject
	}
	all := members{}
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil || all[name] != nil {
			return nil, errNotObject
		}
		all[name] = value
	}
	return all, nil
}

// text is a string; empty where there is none.
func (m members) text(name string) string {
	var text string
	_ = json.Unmarshal(m[name], &text)
	return text
}

// texts are a string alone or a list of strings; nil where there is neither.
func (m members) texts(name string) []string {
	var texts []string
	if json.Unmarshal(m[name], &texts) == nil {
		return texts
	}
	if text := m.text(name); text != "" {
		return []string{text}
	}
	return nil
}

// bytes are those of a string in base64url; nil where there is none.
func (m members) bytes(name string) []byte {
	decoded, err := decode(m.text(name))
	if err != nil {
		return nil
	}
	return decoded
}

// maxSeconds is the time from or to 1970 up to which a float64 counts each second.
const maxSeconds = 1 << 53

// time is a number of seconds since 1970, rounded towards it.
func (m members) time(name string) (time.Time, error) {
	var seconds float64
	if err := json.Unmarshal(m[name], &seconds); err != nil || math.Abs(seconds) > maxSeconds {
		return time.Time{}, fmt.Errorf("its %s is no time", name)
	}
	return time.Unix(int64(seconds), 0), nil
}

// decode reads base64url as RFC 7515 has it: no padding, and one spelling for
// each value. Go's strict decoder still passes over line breaks.
func decode(text string) ([]byte, error) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, errMalformed
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}
