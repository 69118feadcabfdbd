package apikey

import (
	"slices"
	"strings"
)

// A resource of a policy says less than a template: its * takes any text, with
// slashes and all. What a template's resource takes beyond the template's own
// paths is its spread.

// resource is the template as the path of a policy's resource: with a * in the
// place of each parameter. A template holds no character that means something
// else there.
func (t template) resource() string {
	var text strings.Builder
	for _, s := range t.segments {
		text.WriteByte('/')
		if s.rank == literal {
			text.WriteString(s.text)
		} else {
			text.WriteByte('*')
		}
	}
	return text.String()
}

// isRoot reports whether the one path "/" fits the template, and no other.
func (t template) isRoot() bool { return len(t.segments) == 1 && t.segments[0] == segment{} }

// takesRoot reports whether the resource of a template that "/" does not fit
// takes it all the same.
func (t template) takesRoot() bool {
	return len(t.segments) == 1 && (t.last() == parameter || t.last() == greedy)
}

// wider are the templates of which each takes one segment more, in the place of
// one of the parameters. Every path in the template's spread is taken by the
// resource of one of them, and no path that fits the template is, unless it ends
// in {name+}.
func (t template) wider() []template {
	var all []template
	for i, s := range t.segments {
		if s.rank == parameter {
			all = append(all, template{t.path, slices.Insert(slices.Clone(t.segments), i, s)})
		}
	}
	return all
}

// takesResource reports whether each path that the resource of other takes fits
// the template, which is then one with a {name+}.
func (t template) takesResource(other template) bool {
	shifted := false
	for i, s := range t.segments {
		if s.rank == catchAll {
			return true
		}
		if i >= len(other.segments) || s.rank == literal && shifted || !agree(s, other.segments[i]) {
			return false
		}
		if s.rank == greedy {
			return true
		}
		if s.rank == literal && other.segments[i].rank != literal {
			return false
		}
		shifted = shifted || other.segments[i].rank != literal
	}
	return false
}

// resourceMeets reports whether the template's resource takes a path that fits
// other. Where w is spent it says no.
func (t template) resourceMeets(other template, w *work) bool {
	if t.takesRoot() && other.isRoot() {
		return true
	}
	same, differ := literalPrefix(t, other)
	if !w.spend(same+1) || differ {
		return false
	}
	t.segments, other.segments = t.segments[same:], other.segments[same:]
	if len(t.segments) == 0 || len(other.segments) == 0 {
		return len(t.segments) == len(other.segments)
	}
	// at[j]: what comes before this segment of t can be the first j of other. It
	// is so for none before the first or after the last.
	at, next := make([]bool, len(other.segments)+1), make([]bool, len(other.segments)+1)
	at[0] = true
	first, last := 0, 0
	for _, s := range t.segments {
		clear(next)
		if s.rank != literal {
			last = len(other.segments)
		}
		last = min(last, len(other.segments)-1)
		if !w.spend(last - first + 3) {
			return false
		}
		for j := first; j <= last; j++ {
			o := other.segments[j]
			if at[j] && o.rank == catchAll {
				return true
			}
			if !at[j] || !agree(s, o) {
				continue
			}
			next[j+1] = true
			if s.rank != literal {
				at[j+1] = true
			}
			if o.rank == greedy {
				next[j] = true
			}
		}
		first, last = slices.Index(next, true), last+1
		if first < 0 {
			return false
		}
		at, next = next, at
	}
	return at[len(other.segments)] || other.last() == catchAll && at[len(other.segments)-1]
}

// literalPrefix is how many of the first segments of two templates are the same
// literals; differ is whether two other literals follow.
func literalPrefix(a, b template) (same int, differ bool) {
	for same < len(a.segments) && same < len(b.segments) && a.segments[same].rank == literal && b.segments[same].rank == literal {
		if a.segments[same].text != b.segments[same].text {
			return same, true
		}
		same++
	}
	return same, false
}
