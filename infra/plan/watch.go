package plan

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// AlarmMinutes is the period of alarms, in minutes.
const AlarmMinutes = 5

// AWS's limits on tags: their length in characters, and their number per
// resource.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

const (
	topicPattern = `^[A-Za-z0-9_-]{0,256}$`
	// tagPattern is what every service accepts; some would accept more.
	tagPattern = `^[\pL\pN\p{Zs}_.:/=+@-]*$`
)

func (s *Settings) watchFaults(r *report) {
	r.unless(form(topicPattern, s.AlarmTopic), "alarmTopic: want a topic's name, which is the last part of its ARN, not %q", s.AlarmTopic)
	r.between("alarmRefusals", s.AlarmRefusals, 1, 1_000_000)
}

func (s *Settings) tagFaults(r *report) {
	r.unless(len(s.Tags) <= maxTags, "tags: want up to %d, not %d", maxTags, len(s.Tags))
	seen := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		value, folded := s.Tags[key], strings.ToLower(key)
		r.unless(key != "" && utf8.RuneCountInString(key) <= maxTagKey, "tags: want keys of 1 to %d characters, not %q", maxTagKey, key)
		r.unless(utf8.RuneCountInString(value) <= maxTagValue, "tags: %s: want up to %d characters", key, maxTagValue)
		r.unless(form(tagPattern, key) && form(tagPattern, value), "tags: %s: want letters, digits, spaces and _.:/=+-@ in a key and its value", key)
		r.unless(!strings.HasPrefix(folded, "aws:"), "tags: %s: what begins with aws: is AWS's own", key)
		// The tags of roles are case-insensitive.
		r.unless(seen[folded] == "", "tags: %s and %s differ in capitals alone", seen[folded], key)
		seen[folded] = key
	}
}
