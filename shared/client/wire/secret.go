package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

const hidden = "[redacted]"

// Secret is the text of a key or token. Whatever prints, logs or encodes it gets
// "[redacted]"; only Reveal returns the text. The zero Secret is empty.
type Secret struct {
	// text is a function, because fmt prints the unexported fields of a struct
	// without calling their methods. Of a function it can print only an address.
	text func() string
}

// NewSecret returns the text as a Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: func() string { return text }}
}

// Reveal returns the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return s.text()
}

// IsZero reports whether the Secret is empty.
func (s Secret) IsZero() bool { return s.text == nil }

// String returns "[redacted]".
func (Secret) String() string { return hidden }

// GoString returns "[redacted]".
func (Secret) GoString() string { return hidden }

// Format prints "[redacted]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue returns "[redacted]".
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText returns "[redacted]".
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON returns "[redacted]" as a string.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(hidden) }

// UnmarshalText takes the text itself, as a setting or an answer has it.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
