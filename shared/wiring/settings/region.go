package settings

import "strings"

// region parses a region's name, such as eu-central-1, or an empty one. A
// misspelled region would give a host name that does not exist, and every call
// would fail.
func (r *reader) region(name string) string {
	text := r.optional(name, "")
	if text != "" && (!isLabel(text) || !strings.Contains(text, "-")) {
		r.fault("%s is %q: want a region such as eu-central-1", name, text)
	}
	return text
}
