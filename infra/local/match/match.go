// Package match holds JSON against a pattern: JSON too, in which names in angle
// brackets stand for what differs from one time to the next.
//
// Within texts there are <uuid>, <time> (RFC 3339, UTC), <key>, <redacted> (a key, as
// it is shown later), <number>, <text> (any text) and <a|b> (a or b). Alone in a text,
// <number> and <a|b> also stand for such a number, <list> for any list and <object> for
// any object. Everything else stands for itself: an object has exactly the members
// that its pattern names, of which those whose name ends in "?" may be missing, and a
// list has its elements in that order. Where a pattern that
// is an object, a list, or one of their names meets a text, that text is read as JSON:
// so are the bodies that functions answer with.
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

// JSON is nil where a text matches a pattern. Otherwise it says where they differ, and
// nothing of what stands there, which may be a secret.
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

// compare lists the differences at a path.
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

// fits reports whether a value is what a text of a pattern stands for.
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

// stands are the names, and what each stands for.
var stands = map[string]string{
	"uuid":     `[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`,
	"time":     `\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`,
	"key":      `[a-z][a-z0-9]{1,7}_[0-9A-Za-z]{66}`,
	"redacted": `[a-z][a-z0-9]{1,7}_[0-9A-Za-z]*\.\.\.[0-9A-Za-z]{6}`,
	"number":   `-?\d+(\.\d+)?`,
	"text":     `(?s:.*)`,
}

var name = regexp.MustCompile(`<[0-9A-Za-z|]+>`)

// expression is what a text of a pattern means. A name that is none stands for itself.
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
		return "(" + inside + ")" // of letters and digits alone
	}
	return regexp.QuoteMeta(name)
}
