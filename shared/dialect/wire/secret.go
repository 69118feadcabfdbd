package wire

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is the text of a whole key on its way to its owner. It is encoded as
// JSON, but never printed or logged.
type Secret string

// Format prints "[redacted]" for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// LogValue returns "[redacted]", for slog.
func (Secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }
