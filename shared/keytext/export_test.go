package keytext

// WithChecksum appends the checksum that would make text a key, if its other
// parts are right.
func WithChecksum(text string) string {
	if len(text) > MaxLength {
		return text
	}
	return string(appendChecksum([]byte(text), text))
}
