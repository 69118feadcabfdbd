package keytext

import (
	"fmt"
	"io"
	"log/slog"
	"strconv"
)

// Redacted returns the form that may be shown at any time: the first nine
// characters, "...", and the last six (the Polaris document). These include
// parts of the id and the checksum, but none of the secret. For the zero Key it
// returns "".
func (k Key) Redacted() string {
	text := k.Reveal()
	if text == "" {
		return ""
	}
	return text[:9] + "..." + text[len(text)-6:]
}

// Start returns the first ten characters (the Supermetrics document). For the
// zero Key it returns "".
func (k Key) Start() string {
	text := k.Reveal()
	return text[:min(10, len(text))]
}

// String returns the redacted form.
func (k Key) String() string { return k.Redacted() }

// GoString returns the redacted form.
func (k Key) GoString() string { return k.Redacted() }

// Format prints the redacted form for every verb, including those that would
// print the fields (%d, %x).
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.Redacted()) }

// MarshalJSON encodes the redacted form as a string.
func (k Key) MarshalJSON() ([]byte, error) { return strconv.AppendQuote(nil, k.Redacted()), nil }

// LogValue returns the redacted form.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.Redacted()) }
