package apikey

import "testing"

// A name is one line; a description may have line breaks and tabs. Neither can
// hide anything. Tag characters are allowed only in whole flags, as long as a
// region's code.
func TestTexts(t *testing.T) {
	const (
		scotland = "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"
		cut      = "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074"
		stray    = "a\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F"
		long     = "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E0063\U000E0074\U000E007F"
		capital  = "\U0001F3F4\U000E0047\U000E0042\U000E0053\U000E007F"
	)
	for text, want := range map[string]struct{ name, description bool }{
		"one line": {true, true}, "two\nlines": {false, true}, "two\r\nlines": {false, true}, "a\tb": {false, true}, "a\n\n\tb": {false, true},
		"a\rb": {}, "a\n": {}, "\na": {}, "\t": {}, "\n": {}, "a\vb": {}, "a\fb": {}, "a\u0085b": {}, "a\u2028b": {}, "a\u2029b": {}, "a\x00b": {}, "a\xff\n": {},
		"Team " + scotland: {true, true}, scotland + scotland: {true, true}, scotland: {true, true}, "\U0001F3F4": {true, true}, "\U0001F3F4\u200d\u2620\ufe0f": {true, true},
		cut: {}, stray: {}, long: {}, capital: {}, scotland + "\U000E0067": {}, "\U000E007F": {}, "a\u202eb": {}, "a\u200bb": {},
	} {
		if got := len(checkText("name", text)) == 0; got != want.name {
			t.Errorf("%q is a name: %t", text, got)
		}
		if got := len(checkLines("description", text)) == 0; got != want.description {
			t.Errorf("%q is a description: %t", text, got)
		}
	}
}
