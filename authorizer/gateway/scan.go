package gateway

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"unicode/utf8"
)

// scanner reads one JSON text once, from left to right. It accepts what
// encoding/json does and nothing else, and takes no memory but for strings with
// escapes: what it finds are parts of the text. An event is mostly what nobody
// here needs, and decoding that takes longer than all the rest of a decision.
//
// A failure sticks; whoever scans looks at failed once, at the end.
type scanner struct {
	text   []byte
	at     int
	depth  int
	failed bool
}

// maxDepth is how deep a text may nest, as encoding/json has it.
const maxDepth = 10_000

// members goes through the members of an object, or of null, which has none.
// The loop reads the value of each.
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

// elements goes through a list. The loop reads each of its values.
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

// enter takes the beginning of an object or a list.
func (s *scanner) enter(bracket byte) bool {
	s.depth++
	if !s.take(bracket) || s.depth > maxDepth {
		s.failed = true
	}
	return !s.failed
}

// skip passes over a value of any kind.
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

// string reads a string, its escapes undone.
func (s *scanner) string() []byte {
	token := s.quoted()
	if s.failed {
		return nil
	}
	if bytes.IndexByte(token, '\\') >= 0 || !utf8.Valid(token) {
		var text string
		s.failed = json.Unmarshal(token, &text) != nil
		return []byte(text)
	}
	return token[1 : len(token)-1]
}

// quoted reads a string as it is written, with its quotation marks.
func (s *scanner) quoted() []byte {
	if s.peek() != '"' {
		s.failed = true
		return nil
	}
	begin := s.at
	for s.at++; ; {
		s.at += plain(s.text[s.at:])
		switch s.byte() {
		case '"':
			s.at++
			return s.text[begin:s.at]
		case '\\':
			s.at++
			s.escape()
		default:
			s.failed = true
		}
		if s.failed {
			return nil
		}
	}
}

// plain is how much of a text may stand in a string as it is: all up to a
// quotation mark, a backslash or a control character. It looks at eight bytes
// at a time.
func plain(text []byte) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	at := 0
	for ; len(text)-at >= 8; at += 8 {
		word := binary.LittleEndian.Uint64(text[at:])
		quote, backslash := word^'"'*ones, word^'\\'*ones
		// The lowest bit that is set belongs to the first such byte.
		if found := ((word-' '*ones)&^word | (quote-ones)&^quote | (backslash-ones)&^backslash) & tops; found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(text) && text[at] >= ' ' && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return at
}

// escape reads what follows a backslash.
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

// number reads a number.
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

// digits reads at least one digit.
func (s *scanner) digits() {
	begin := s.at
	for '0' <= s.byte() && s.byte() <= '9' {
		s.at++
	}
	s.failed = s.failed || s.at == begin
}

// null takes a null, if there is one.
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

// take passes over white space and then over c, if it is there.
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

// peek is the first byte that is no white space; 0 at the end.
func (s *scanner) peek() byte {
	for {
		switch c := s.byte(); c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
}

// byte is the next byte; 0, which no value begins with, at the end.
func (s *scanner) byte() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// ended reports whether the text was one value and nothing else.
func (s *scanner) ended() bool {
	s.peek()
	return !s.failed && s.at == len(s.text)
}
