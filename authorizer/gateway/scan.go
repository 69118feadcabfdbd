package gateway

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"unicode/utf8"
)

// scanner parses one JSON text in a single pass. It accepts exactly what
// encoding/json accepts. It allocates only for strings with escapes; all other
// results are slices of the text. Most of an event is not needed, and decoding
// all of it takes longer than the rest of a decision.
//
// go-json-experiment's jsontext was tried in its place. A cached decision
// (BenchmarkCached) then takes 11.5 instead of 8.2 us of CPU, 1.40 times as
// much, and 1.1 times as much with the loop around it. Those are medians of
// seven alternating runs of each. The limit was 1.15 times.
//
// A failure is permanent; check failed once, at the end.
type scanner struct {
	text   []byte
	at     int
	depth  int
	failed bool
}

// maxDepth is the maximum nesting depth, as in encoding/json.
const maxDepth = 10_000

// members iterates over the members of an object, or of null, which has none.
// The loop body must read each value.
func (s *scanner) members(yield func(name []byte) bool) {
	if s.null() || !s.enter('{') {
		return
	}
	for more := !s.take('}'); more; {
		name := s.string()
		if s.expect(':'); s.failed || !yield(name) || s.failed {
			return
		}
		if more = s.take(','); !more {
			s.expect('}')
		}
	}
	s.depth--
}

// elements iterates over a list. The loop body must read each value.
func (s *scanner) elements(yield func(int) bool) {
	if !s.enter('[') {
		return
	}
	for i, more := 0, !s.take(']'); more; i++ {
		if !yield(i) || s.failed {
			return
		}
		if more = s.take(','); !more {
			s.expect(']')
		}
	}
	s.depth--
}

// enter consumes the start of an object or a list.
func (s *scanner) enter(bracket byte) bool {
	s.depth++
	if !s.take(bracket) || s.depth > maxDepth {
		s.failed = true
	}
	return !s.failed
}

// skip skips a value of any kind.
func (s *scanner) skip() {
	switch s.peek() {
	case '{':
		for range s.members {
			s.skip()
		}
	case '[':
		for range s.elements {
			s.skip()
		}
	case '"':
		s.quoted()
	case 't':
		s.literal("true")
	case 'f':
		s.literal("false")
	case 'n':
		s.literal("null")
	default:
		s.number()
	}
}

// string reads a string and decodes its escapes.
func (s *scanner) string() []byte {
	begin, asIs := s.quoted()
	if s.failed {
		return nil
	}
	if token := s.text[begin:s.at]; !asIs && (bytes.IndexByte(token, '\\') >= 0 || !utf8.Valid(token)) {
		var text string
		s.failed = json.Unmarshal(token, &text) != nil
		return []byte(text)
	}
	return s.text[begin+1 : s.at-1]
}

// quoted skips a string. It returns the index of its opening quotation mark, and
// whether it is plain ASCII without escapes.
func (s *scanner) quoted() (begin int, asIs bool) {
	if s.peek() != '"' {
		s.failed = true
		return s.at, false
	}
	begin, asIs = s.at, true
	for s.at++; !s.failed; {
		length, ascii := plain(s.text[s.at:])
		s.at += length
		asIs = asIs && ascii
		switch s.byte() {
		case '"':
			s.at++
			return begin, asIs
		case '\\':
			s.at++
			s.escape()
			asIs = false
		default:
			s.failed = true
		}
	}
	return begin, false
}

const ones, tops = 0x0101010101010101, 0x8080808080808080

// specials marks which of eight bytes need care in a string: quotation marks,
// backslashes and control characters. The lowest set bit is the top bit of the
// first such byte; higher bits may be wrong.
func specials(word uint64) uint64 {
	return (word - ' '*ones | ((word ^ '"'*ones) - ones) | ((word ^ '\\'*ones) - ones)) &^ word & tops
}

// plain returns how many leading bytes of a text need no care in a string, and
// whether they are ASCII. It checks sixteen bytes at a time, and eight near the
// end.
func plain(text []byte) (length int, ascii bool) {
	rest, seen := text, uint64(0)
	for len(rest) >= 16 {
		a, b := binary.LittleEndian.Uint64(rest), binary.LittleEndian.Uint64(rest[8:])
		if specials(a)|specials(b) != 0 {
			break
		}
		seen |= a | b
		rest = rest[16:]
	}
	for len(rest) >= 8 {
		word := binary.LittleEndian.Uint64(rest)
		if found := specials(word); found != 0 {
			first := bits.TrailingZeros64(found)
			return len(text) - len(rest) + first/8, (seen|word&(1<<(first-7)-1))&tops == 0
		}
		seen |= word
		rest = rest[8:]
	}
	for len(rest) > 0 && rest[0] >= ' ' && rest[0] != '"' && rest[0] != '\\' {
		seen |= uint64(rest[0]) << 56
		rest = rest[1:]
	}
	return len(text) - len(rest), seen&tops == 0
}

// escape skips what follows a backslash.
func (s *scanner) escape() {
	c := s.byte()
	s.at++
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
	case 'u':
		for range 4 {
			c := s.byte() | 0x20
			s.failed = s.failed || (c < '0' || '9' < c) && (c < 'a' || 'f' < c) || s.byte() < '0'
			s.at++
		}
	default:
		s.failed = true
	}
}

// number skips a number.
func (s *scanner) number() {
	if s.peek() == '-' {
		s.at++
	}
	if s.byte() == '0' {
		s.at++
	} else {
		s.digits()
	}
	if s.byte() == '.' {
		s.at++
		s.digits()
	}
	if s.byte()|0x20 == 'e' {
		s.at++
		if c := s.byte(); c == '+' || c == '-' {
			s.at++
		}
		s.digits()
	}
}

// digits skips at least one digit.
func (s *scanner) digits() {
	begin := s.at
	for '0' <= s.byte() && s.byte() <= '9' {
		s.at++
	}
	s.failed = s.failed || s.at == begin
}

// null consumes a null, if there is one.
func (s *scanner) null() bool {
	if s.peek() != 'n' {
		return false
	}
	s.literal("null")
	return true
}

func (s *scanner) literal(word string) {
	if rest := s.text[min(s.at, len(s.text)):]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		s.failed = true
		return
	}
	s.at += len(word)
}

// take skips white space and consumes c, if it follows.
func (s *scanner) take(c byte) bool {
	if s.failed || s.peek() != c {
		return false
	}
	s.at++
	return true
}

func (s *scanner) expect(c byte) {
	if !s.take(c) {
		s.failed = true
	}
}

// peek returns the first byte after white space; 0 at the end.
func (s *scanner) peek() byte {
	for s.at < len(s.text) {
		c := s.text[s.at]
		if c > ' ' || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
		s.at++
	}
	return 0
}

// byte returns the next byte; 0, which no value begins with, at the end.
func (s *scanner) byte() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// ended reports whether the text was exactly one value.
func (s *scanner) ended() bool {
	s.peek()
	return !s.failed && s.at == len(s.text)
}
