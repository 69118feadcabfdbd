// Package match compares JSON with a pattern: JSON in which names in angle
// brackets stand for values that vary.
//
// A text in a pattern may contain <uuid>, <digits> (a UUID without hyphens),
// <time> (RFC 3339, UTC), <seconds> (a time of whole seconds without its zone),
// <key>, <redacted> (a key as shown later), <number>, <text> (any text) and
// <a|b> (a or b). If it is the whole text, <number> and <a|b> also match such a
// number, <list> any list and <object> any object. Everything else matches
// itself. An object must have exactly the pattern's members, except that those
// whose name ends in "?" are optional. A list must have the same elements in the
// same order. If a pattern for an object or a list meets a text, the text is
// parsed as JSON first, because functions return their bodies as texts.
package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// JSON returns nil if a text matches a pattern. Otherwise the error says where
// they differ, without the values, which may be secret.
func JSON(pattern, text []byte) error {
	want, err := decode(pattern)
	if err != nil {
		return fmt.Errorf("the pattern is not JSON: %w", err)
	}
	got, err := decode(text)
	if err != nil {
		return errors.New("it is not JSON")
	}
	return errors.Join(compare("it", want, got)...)
}

func decode(text []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows it")
	}
	return value, nil
}

// compare returns the differences at a path.
func compare(path string, want, got any) []error {
	if text, ok := got.(string); ok && isStructured(want) {
		if inside, err := decode([]byte(text)); err == nil {
			got = inside
		}
	}
	switch want := want.(type) {
	case map[string]any:
		if got, ok := got.(map[string]any); ok {
			return compareObjects(path, want, got)
		}
		return []error{fmt.Errorf("%s is not an object", path)}
	case []any:
		if got, ok := got.([]any); ok && len(got) == len(want) {
			var faults []error
			for i := range want {
				faults = append(faults, compare(fmt.Sprintf("%s[%d]", path, i), want[i], got[i])...)
			}
			return faults
		}
		return []error{fmt.Errorf("%s is not a list of %d", path, len(want))}
	case string:
		if fits(want, got) {
			return nil
		}
	default:
		if want == got {
			return nil
		}
	}
	return []error{fmt.Errorf("%s is not %v", path, want)}
}

func compareObjects(path string, want, got map[string]any) (faults []error) {
	known := map[string]bool{}
	for _, pattern := range slices.Sorted(maps.Keys(want)) {
		name, optional := strings.CutSuffix(pattern, "?")
		known[name] = true
		value, found := got[name]
		switch {
		case found:
			faults = append(faults, compare(path+"."+name, want[pattern], value)...)
		case !optional:
			faults = append(faults, fmt.Errorf("%s has no %q", path, name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if !known[name] {
			faults = append(faults, fmt.Errorf("%s has %q besides", path, name))
		}
	}
	return faults
}

func isStructured(want any) bool {
	switch want := want.(type) {
	case map[string]any, []any:
		return true
	default:
		return want == "<list>" || want == "<object>"
	}
}

// fits reports whether a value matches a text of a pattern.
func fits(want string, got any) bool {
	switch got := got.(type) {
	case []any:
		return want == "<list>"
	case map[string]any:
		return want == "<object>"
	case json.Number:
		return strings.HasPrefix(want, "<") && strings.HasSuffix(want, ">") && expression(want).MatchString(got.String())
	case string:
		return expression(want).MatchString(got)
	default:
		return false
	}
}

// stands maps each name to what it stands for.
var stands = map[string]string{
	"uuid":     `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
	"digits":   `[0-9a-f]{32}`,
	"seconds":  `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`,
	"time":     `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`,
	"key":      `[a-z][a-z0-9_]{1,15}_[0-9A-Za-z]{66}`,
	"redacted": `[a-z][0-9A-Za-z_]{8}\.\.\.[0-9A-Za-z]{6}`,
	"number":   `-?\d+(\.\d+)?`,
	"text":     `(?s:.*)`,
}

var name = regexp.MustCompile(`<[0-9A-Za-z|]+>`)

// expression returns a pattern's text as a regular expression. An unknown name
// matches itself.
func expression(pattern string) *regexp.Regexp {
	var text strings.Builder
	for pattern != "" {
		at := name.FindStringIndex(pattern)
		if at == nil {
			break
		}
		text.WriteString(regexp.QuoteMeta(pattern[:at[0]]) + meaning(pattern[at[0]:at[1]]))
		pattern = pattern[at[1]:]
	}
	return regexp.MustCompile(`\A` + text.String() + regexp.QuoteMeta(pattern) + `\z`)
}

func meaning(name string) string {
	inside := strings.Trim(name, "<>")
	if meant, found := stands[inside]; found {
		return meant
	}
	if strings.Contains(inside, "|") {
		return "(" + inside + ")" // only letters and digits
	}
	return regexp.QuoteMeta(name)
}
