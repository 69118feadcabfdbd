package routing

import (
	"slices"
	"strings"
)

// template is a route's path, split into segments.
type template struct {
	path     string
	segments []segment
}

type segment struct {
	rank rank
	// text is empty unless the segment is a literal.
	text string
}

// rank is how specific a segment is. A lower rank is more specific.
type rank int

const (
	literal rank = iota
	parameter
	// greedy matches this segment and all that follow.
	greedy
	// catchAll matches all segments that follow, or none.
	catchAll
)

// newTemplate parses a path template. [Default] becomes a template that matches
// every path.
func newTemplate(path string) template {
	t := template{path: path}
	if path == Default {
		t.segments = []segment{{rank: catchAll}}
		return t
	}
	for text := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		switch {
		case !strings.HasPrefix(text, "{") || !strings.HasSuffix(text, "}"):
			t.segments = append(t.segments, segment{literal, text})
		case strings.HasSuffix(text, "+}"):
			t.segments = append(t.segments, segment{rank: greedy})
		default:
			t.segments = append(t.segments, segment{rank: parameter})
		}
	}
	return t
}

// newTemplates parses paths and returns each template once, most specific first.
func newTemplates(paths []string) []template {
	var templates []template
	for _, path := range paths {
		templates = append(templates, newTemplate(path))
	}
	slices.SortFunc(templates, func(a, b template) int {
		ranked := slices.CompareFunc(a.segments, b.segments, func(a, b segment) int { return int(a.rank - b.rank) })
		if ranked != 0 {
			return ranked
		}
		return strings.Compare(a.path, b.path)
	})
	return slices.CompactFunc(templates, func(a, b template) bool { return a.path == b.path })
}

// matches reports whether the template matches a path with these segments. An
// empty segment may only stand alone, for the path "/".
func (t template) matches(path []string) bool {
	for i, s := range t.segments {
		switch {
		case s.rank == catchAll:
			return true
		case i >= len(path), s.rank == literal && s.text != path[i], s.rank != literal && path[i] == "":
			return false
		case s.rank == greedy:
			return true
		}
	}
	return len(path) == len(t.segments)
}

// Parameters returns how many {parameters} a path template has, a last {name+}
// included.
func Parameters(path string) int {
	n := 0
	for _, s := range newTemplate(path).segments {
		if s.rank != literal {
			n++
		}
	}
	return n
}

// wild reports whether the template matches more than one path.
func (t template) wild() bool {
	return slices.ContainsFunc(t.segments, func(s segment) bool { return s.rank != literal })
}

// last returns the rank of the last segment.
func (t template) last() rank { return t.segments[len(t.segments)-1].rank }

// overlaps reports whether some path matches both templates.
func (t template) overlaps(other template) bool {
	for i := 0; i < len(t.segments) && i < len(other.segments); i++ {
		a, b := t.segments[i], other.segments[i]
		switch {
		case max(a.rank, b.rank) == catchAll:
			return true
		case !agree(a, b):
			return false
		case max(a.rank, b.rank) == greedy:
			return true
		}
	}
	return len(t.segments) == len(other.segments)
}

// agree reports whether some text matches both segments.
func agree(a, b segment) bool {
	switch {
	case a.rank == literal && b.rank == literal:
		return a.text == b.text
	case a.rank == literal:
		return a.text != ""
	}
	return b.rank != literal || b.text != ""
}
