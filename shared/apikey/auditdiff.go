package apikey

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// An audit record's texts are limited, in bytes, so that every change is small
// enough to be recorded: maxListed for all its lists together, maxText for each
// text and each list element.
const (
	maxListed = 12_000
	maxText   = 300
)

// setChange describes a change of the target in the record. If the target
// existed before and after, it describes only the differences: two full copies
// would be larger than the target.
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

// whole returns all fields as texts.
func (f *auditFields) whole() map[string]string {
	all := textsWithout(f, newAuditFields())
	lists := joined(f.lists, maxListed/max(1, len(f.lists)))
	if all == nil {
		return lists
	}
	maps.Copy(all, lists)
	return all
}

// textsWithout returns the texts of f that are missing or different in other;
// nil for none.
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

// listsWithout returns the list elements of f that are missing in other.
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

// joined returns each list as the text that [join] makes of it; nil for none.
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

// join returns a list as text of at most room bytes. If not all elements fit, the
// text ends with their number, such as [12 more].
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

// clipped returns a text with at most maxText bytes. A longer text is cut there,
// and ends with [cut].
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
