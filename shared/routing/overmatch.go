package routing

import (
	"slices"
	"strings"
)

// overmatch is a part of what a template's pattern matches although the template does
// not.
type overmatch struct {
	template
	resource string
	// takers are templates that match all of these requests.
	takers []int
}

// resource returns the template as the path of a policy's pattern, with a * for
// each parameter. No other character of a template is special in a policy.
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

// LongestResource returns the length of the longest path that a policy can need
// for a path template: its pattern, or one with a parameter doubled.
func LongestResource(path string) int {
	t := newTemplate(path)
	length := len(t.resource())
	if slices.ContainsFunc(t.segments, func(s segment) bool { return s.rank == parameter }) {
		length += len("/*")
	}
	return length
}

// isRoot reports whether the template matches the path "/" and no other.
func (t template) isRoot() bool { return len(t.segments) == 1 && t.segments[0] == segment{} }

// overmatchesRoot reports whether the template's pattern matches "/" although the
// template does not.
func (t template) overmatchesRoot() bool {
	return len(t.segments) == 1 && (t.last() == parameter || t.last() == greedy)
}

// wider returns copies of t, each with one parameter doubled. Their patterns
// together match all of t's overmatch. They match no path that t matches, unless
// t ends in {name+}.
func (t template) wider() []template {
	var all []template
	for i, s := range t.segments {
		if s.rank == parameter {
			all = append(all, template{t.path, slices.Insert(slices.Clone(t.segments), i, s)})
		}
	}
	return all
}

// includesResource reports whether t matches every path that the pattern of other
// matches. Only a template with a {name+} can.
func (t template) includesResource(other template) bool {
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

// resourceOverlaps reports whether the pattern of t matches some path that other
// matches. It returns false once b is spent.
func (t template) resourceOverlaps(other template, b *budget) bool {
	if t.overmatchesRoot() && other.isRoot() {
		return true
	}
	same, differ := literalPrefix(t, other)
	if !b.spend(same+1) || differ {
		return false
	}
	t.segments, other.segments = t.segments[same:], other.segments[same:]
	if len(t.segments) == 0 || len(other.segments) == 0 {
		return len(t.segments) == len(other.segments)
	}
	// at[j] is whether the segments of t before this one can match the first j of
	// other. Before first and after last it is false.
	at, next := make([]bool, len(other.segments)+1), make([]bool, len(other.segments)+1)
	at[0] = true
	first, last := 0, 0
	for _, s := range t.segments {
		clear(next)
		if s.rank != literal {
			last = len(other.segments)
		}
		last = min(last, len(other.segments)-1)
		if !b.spend(last - first + 3) {
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

// literalPrefix returns how many leading segments of two templates are the same
// literals, and whether two different literals follow.
func literalPrefix(a, b template) (same int, differ bool) {
	for same < len(a.segments) && same < len(b.segments) && a.segments[same].rank == literal && b.segments[same].rank == literal {
		if a.segments[same].text != b.segments[same].text {
			return same, true
		}
		same++
	}
	return same, false
}
