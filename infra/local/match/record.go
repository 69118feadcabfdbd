package match

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// Record returns an answer as a pattern, indented: its ids, keys and times become
// their names, and a body that is JSON in a text becomes JSON. It returns an error if
// the answer is not JSON.
func Record(answer []byte) ([]byte, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(answer, &members); err != nil {
		return nil, err
	}
	var body string
	if raw := members["body"]; json.Unmarshal(raw, &body) == nil && json.Valid([]byte(body)) {
		answer = bytes.Replace(answer, raw, []byte(body), 1)
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
