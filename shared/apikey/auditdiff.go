package apikey

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// An audit record's facts are bounded, in bytes, so that no change is too large
// to be recorded: maxListed is for all of its lists together, maxText for each
// text and each element of a list.
const (
	maxListed = 12_000
	maxText   = 300
)

// tell puts into a record what its target was and is. Of a target that was and
// is, it tells the differences: two copies would be larger than the target.
func (r *AuditRecord) setChange(before, after *auditFields) {
	switch {
	case before == nil && after == nil:
	case before == nil:
		r.After = after.whole()
	case after == nil:
		r.Before = before.whole()
	default:
		r.Before, r.After = textsWithout(before, after), textsWithout(after, before)
		removed, added := listsWithout(before, after), listsWithout(after, before)
		room := maxListed / max(1, len(removed)+len(added))
		r.Removed, r.Added = joined(removed, room), joined(added, room)
	}
}

// whole is all that the facts say.
func (f *auditFields) whole() map[string]string {
	all := textsWithout(f, newAuditFields())
	lists := joined(f.lists, maxListed/max(1, len(f.lists)))
	if all == nil {
		return lists
	}
	maps.Copy(all, lists)
	return all
}

// textsWithout are the texts of f that other does not have so; nil for none.
func textsWithout(f, other *auditFields) map[string]string {
	var texts map[string]string
	for field, value := range f.texts {
		if other.texts[field] != value {
			if texts == nil {
				texts = map[string]string{}
			}
			texts[field] = clipped(value)
		}
	}
	return texts
}

// listsWithout are the elements of f's lists that those of other do not have.
func listsWithout(f, other *auditFields) map[string][]string {
	lists := map[string][]string{}
	for field, values := range f.lists {
		known := map[string]bool{}
		for _, value := range other.lists[field] {
			known[value] = true
		}
		rest := slices.DeleteFunc(slices.Clone(values), func(value string) bool { return known[value] })
		if len(rest) > 0 {
			lists[field] = rest
		}
	}
	return lists
}

// joined are lists as texts of at most room bytes, and the mark; nil for none.
func joined(lists map[string][]string, room int) map[string]string {
	if len(lists) == 0 {
		return nil
	}
	texts := map[string]string{}
	for field, values := range lists {
		texts[field] = join(values, room)
	}
	return texts
}

// join is a list as text of at most room bytes. Where there is more, it says how
// many elements.
func join(values []string, room int) string {
	var shown []string
	for i, value := range values {
		value = clipped(value)
		if room -= len(value) + 1; room < 0 {
			return strings.Join(append(shown, fmt.Sprintf("[%d more]", len(values)-i)), ",")
		}
		shown = append(shown, value)
	}
	return strings.Join(shown, ",")
}

// clipped is a text of at most maxText bytes, and the mark.
func clipped(text string) string {
	if len(text) <= maxText {
		return text
	}
	end := maxText
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "[cut]"
}
