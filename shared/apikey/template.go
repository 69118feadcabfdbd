package apikey

import (
	"slices"
	"strings"
)

// Default is the path of an HTTP API's route for what no other route takes, and
// Connect that of a WebSocket API's handshake. Neither is a template of paths.
const (
	Default = "$default"
	Connect = "$connect"
)

// template is a route's path in its segments.
type template struct {
	path     string
	segments []segment
}

type segment struct {
	rank rank
	// text is empty but for a literal.
	text string
}

// rank is how specific a segment is: the lower, the more.
type rank int

const (
	literal rank = iota
	parameter
	// greedy takes this segment and all that follow.
	greedy
	// catchAll takes all that follow, and nothing as well.
	catchAll
)

// newTemplate takes a path template apart. [Default] becomes a template that
// every path fits.
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

// newTemplates are the templates of paths, each once, most specific first.
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

// fits reports whether the segments of a path, of which none but a lone one is
// empty, are those of the template.
func (t template) fits(path []string) bool {
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

// parameters counts the segments that are not literal.
func (t template) parameters() int {
	n := 0
	for _, s := range t.segments {
		if s.rank != literal {
			n++
		}
	}
	return n
}

// wild reports whether more than one path fits.
func (t template) wild() bool {
	return slices.ContainsFunc(t.segments, func(s segment) bool { return s.rank != literal })
}

// last is the rank of the last segment.
func (t template) last() rank { return t.segments[len(t.segments)-1].rank }

// overlaps reports whether a path fits both templates.
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

// agree reports whether one segment of a path fits both.
func agree(a, b segment) bool {
	switch {
	case a.rank == literal && b.rank == literal:
		return a.text == b.text
	case a.rank == literal:
		return a.text != ""
	}
	return b.rank != literal || b.text != ""
}
