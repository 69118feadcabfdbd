package settings

import (
	"strings"

	"github.com/keyward/keyward/shared/operations"
)

// domain parses a domain: at least two labels of a-z, 0-9 and inner hyphens. The
// last label starts with a letter, which excludes IPv4 addresses.
func (r *reader) domain(name string) string {
	text := r.optional(name, "")
	if text != "" && !isDomain(text) {
		r.fault("%s is %q: want a domain such as example.com, in lower case", name, text)
	}
	return text
}

func isDomain(text string) bool {
	labels, last := 0, ""
	for label := range strings.SplitSeq(text, ".") {
		if !isLabel(label) {
			return false
		}
		labels, last = labels+1, label
	}
	return labels >= 2 && last[0] >= 'a' && len(text) <= operations.MaxDomain
}

func isLabel(text string) bool {
	if text == "" || len(text) > 63 || text[0] == '-' || text[len(text)-1] == '-' {
		return false
	}
	for _, c := range []byte(text) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
