package wire

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is the text of a whole key on its way to its owner: JSON shows it,
// printing and logging do not.
type Secret string

// Format prints nothing of the text, for every verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[redacted]") }

// LogValue gives slog nothing of the text.
func (Secret) LogValue() slog.Value { return slog.StringValue("[redacted]") }
