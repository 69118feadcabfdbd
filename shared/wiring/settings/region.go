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

// replicas parses a list of regions with their tables, as REGION=TABLE with
// commas between, or an empty one.
func (r *reader) replicas(name string) map[string]string {
	text := r.optional(name, "")
	if text == "" {
		return nil
	}
	replicas := map[string]string{}
	for entry := range strings.SplitSeq(text, ",") {
		region, table, _ := strings.Cut(entry, "=")
		if _, twice := replicas[region]; twice || !isLabel(region) || !strings.Contains(region, "-") || table == "" {
			r.fault("%s is %q: want REGION=TABLE, with commas between and each region once", name, text)
			return nil
		}
		replicas[region] = table
	}
	return replicas
}
