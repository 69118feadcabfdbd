package match

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Record returns an answer as a pattern, indented: its ids, keys and times become
// their names, and a body that is a JSON object or array in a text becomes JSON. It
// returns an error if the answer is not JSON.
func Record(answer []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(answer, &members); err != nil {
		return nil, err
	}
	var body string
	if raw := members["body"]; json.Unmarshal(raw, &body) == nil && strings.IndexAny(body, "{[") == 0 && json.Valid([]byte(body)) {
		at := bytes.LastIndex(answer, raw) // a header before it can have the same text
		answer = slices.Concat(answer[:at], []byte(body), answer[at+len(raw):])
	}
	// The longest come first: a key's text may look like what stands for less.
	for _, name := range []string{"key", "redacted", "uuid", "time"} {
		answer = regexp.MustCompile(stands[name]).ReplaceAll(answer, []byte("<"+name+">"))
	}
	var pattern bytes.Buffer
	err := json.Indent(&pattern, answer, "", "  ")
	pattern.WriteByte('\n')
	return pattern.Bytes(), err
}
