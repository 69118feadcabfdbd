package settings

import "strings"

// region reads a region's name, such as eu-central-1, or none. A misspelt one
// would be a host name that does not exist, and so an outage at every call.
func (r *reader) region(name string) string {
	text := r.optional(name, "")
	if text != "" && (!isLabel(text) || !strings.Contains(text, "-")) {
		r.fault("%s is %q: want a region such as eu-central-1", name, text)
	}
	return text
}
