package output

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Safe returns a text in which everything that would steer a terminal, or change
// the order in which text is read, is escaped. Tabs and line breaks are, too: a
// value stays in its cell.
func Safe(text string) string {
	if strings.IndexFunc(text, steers) < 0 && utf8.ValidString(text) {
		return text
	}
	var safe strings.Builder
	for _, c := range strings.ToValidUTF8(text, "\ufffd") {
		switch {
		case c == '\n':
			safe.WriteString(`\n`)
		case c == '\t':
			safe.WriteString(`\t`)
		case steers(c) && c < 0x100:
			fmt.Fprintf(&safe, `\x%02x`, c)
		case steers(c):
			fmt.Fprintf(&safe, `\u%04x`, c)
		default:
			safe.WriteRune(c)
		}
	}
	return safe.String()
}

// steers reports whether a character is a control character, a line separator, or
// one that changes the direction of text.
func steers(c rune) bool {
	return unicode.IsControl(c) || unicode.Is(unicode.Zl, c) || unicode.Is(unicode.Zp, c) || unicode.Is(unicode.Bidi_Control, c)
}

// formulas are what a formula begins with; some spreadsheets take the wide forms of
// East Asian scripts, too.
const formulas = "=+-@\uff1d\uff0b\uff0d\uff20"

// literal returns a CSV value that spreadsheets do not take for a formula, not even
// after spaces.
func literal(value string) string {
	if begin := strings.TrimLeftFunc(value, unicode.IsSpace); begin != "" {
		if c, _ := utf8.DecodeRuneInString(begin); strings.ContainsRune(formulas, c) {
			return "'" + value
		}
	}
	return value
}

// quoted returns a CSV value in quotes, if it needs them. Where the comma is for
// decimals, spreadsheets take the semicolon for the end of a cell, and others the
// tab or the bar: a formula could stand after it.
func quoted(value string) string {
	if strings.ContainsAny(value, ",;|\t\"\r\n") || strings.TrimSpace(value) != value {
		return `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
	}
	return value
}

// harmless escapes what JSON may contain unescaped and a terminal would obey.
func harmless(json []byte) []byte {
	if strings.IndexFunc(string(json), func(c rune) bool { return steers(c) && c != '\n' }) < 0 {
		return json
	}
	var safe strings.Builder
	for _, c := range string(json) {
		if steers(c) && c != '\n' {
			fmt.Fprintf(&safe, `\u%04x`, c)
		} else {
			safe.WriteRune(c)
		}
	}
	return []byte(safe.String())
}
