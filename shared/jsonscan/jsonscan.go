// Package jsonscan reads selected members of a JSON text in one pass, such as those of
// an event of API Gateway that a function needs.
package jsonscan

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Scanner parses one JSON text in a single pass. It accepts exactly what
// encoding/json accepts. It allocates only for strings with escapes; all other
// results are slices of the text. Most of an event is not needed, and decoding
// all of it takes longer than the rest of a decision.
//
// go-json-experiment's jsontext was tried in its place, and rejected because a cached
// decision would have taken more than 1.15 times the CPU. It took 1.65 times as much:
// in four alternating runs of make bench "ONLY=in one process", 0.20 to 0.21 of the
// stock way instead of 0.12 to 0.13.
//
// After a failure, what a scanner returns has no meaning, and loops over members and
// elements end. Call Ended once, at the end.
type Scanner struct {
	text   []byte
	copied string
	at     int
	depth  int
	failed bool
}

// New returns a scanner at the beginning of a text.
func New(text []byte) Scanner { return Scanner{text: text} }

// Copy returns a scanner whose strings stay valid after the text changes. It copies
// the text once, and [Scanner.Text] and [Scanner.NameText] return parts of the copy.
func Copy(text []byte) Scanner { return Scanner{text: text, copied: string(text)} }

// Fail makes the scanner fail.
func (s *Scanner) Fail() { s.failed = true }

// maxDepth is the maximum nesting depth, as in encoding/json.
const maxDepth = 10_000

// Object enters an object, or a null, and reports whether it has a member. The
// caller must read that member's name and value, and call More with a '}'.
func (s *Scanner) Object() bool { return !s.Null() && s.enter('{', '}') }

// Array enters an array and reports whether it has an element. The caller must read
// that element, and call More with a ']'.
func (s *Scanner) Array() bool { return s.enter('[', ']') }

func (s *Scanner) enter(begin, end byte) bool {
	s.depth++
	if !s.take(begin) || s.depth > maxDepth {
		s.failed = true
		return false
	}
	return !s.left(end)
}

// More reports whether another member or element follows. If not, it leaves the
// Object or the array, which ends with that bracket.
func (s *Scanner) More(end byte) bool {
	switch s.Peek() {
	case ',':
		s.at++
		return !s.failed
	case end:
		s.at++
		s.depth--
	default:
		s.failed = true
	}
	return false
}

// left leaves an object or an array, if it ends here.
func (s *Scanner) left(end byte) bool {
	if !s.take(end) {
		return false
	}
	s.depth--
	return true
}

// Name reads the name of a member.
func (s *Scanner) Name() []byte {
	name := s.Bytes()
	s.colon()
	return name
}

// NameText is [Scanner.Name] as a string, for scanners of [Copy] only.
func (s *Scanner) NameText() string {
	name := s.Text()
	s.colon()
	return name
}

func (s *Scanner) colon() {
	if !s.take(':') {
		s.failed = true
	}
}

// Skip skips a value of any kind.
func (s *Scanner) Skip() {
	switch s.Peek() {
	case '{':
		for more := s.Object(); more; more = s.More('}') {
			s.quoted()
			s.colon()
			s.Skip()
		}
	case '[':
		for more := s.Array(); more; more = s.More(']') {
			s.Skip()
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

// Bytes reads a string and decodes its escapes.
func (s *Scanner) Bytes() []byte {
	begin, end, asIs := s.quoted()
	if !asIs {
		if decoded, changed := s.decoded(begin, end); changed {
			return []byte(decoded)
		}
	}
	return s.text[begin:end]
}

// Text is [Scanner.Bytes] as a string, for scanners of [Copy] only.
func (s *Scanner) Text() string {
	begin, end, asIs := s.quoted()
	if !asIs {
		if decoded, changed := s.decoded(begin, end); changed {
			return decoded
		}
	}
	return s.copied[begin:end]
}

// decoded decodes the string that stands in the text from begin to end. It returns
// false for one that stands there as it is.
func (s *Scanner) decoded(begin, end int) (meaning string, changed bool) {
	inside := s.text[begin:end]
	if bytes.IndexByte(inside, '\\') < 0 && utf8.Valid(inside) {
		return "", false
	}
	return unescaped(inside), true
}

// quoted skips a string. It returns where the text between its quotation marks
// begins and ends, and whether it is ASCII without escapes. If it fails, it returns
// an empty text.
func (s *Scanner) quoted() (begin, end int, asIs bool) {
	if s.Peek() != '"' {
		s.failed = true
		return 0, 0, true
	}
	begin = s.at + 1
	text := s.text
	for at := begin; at <= len(text)-8; at += 8 { // plain's loop: with a call of it, reading an event takes 8 percent longer
		if found := specials(binary.LittleEndian.Uint64(text[at:])); found != 0 {
			if end = at + bits.TrailingZeros64(found)/8; text[end] == '"' {
				s.at = end + 1
				return begin, end, true
			}
			break
		}
	}
	s.at = begin
	if s.rest(); s.failed {
		return 0, 0, true
	}
	return begin, s.at - 1, false
}

// rest skips the rest of a string that has bytes that need care.
func (s *Scanner) rest() {
	for !s.failed {
		s.at += plain(s.text[s.at:])
		switch c := s.byte(); {
		case c == '"':
			s.at++
			return
		case c == '\\':
			s.at++
			s.escape()
		case c >= utf8.RuneSelf:
			s.at++
		default:
			s.failed = true
		}
	}
}

const ones, tops = 0x0101010101010101, 0x8080808080808080

// specials marks which of eight bytes need care in a string: quotation marks,
// backslashes, control characters and bytes that are not ASCII. The lowest set
// bit is the top bit of the first such byte; higher bits may be wrong. Flipping
// the second bit of all bytes moves the quotation mark next to the control
// characters.
func specials(word uint64) uint64 {
	return (word | ((word ^ 2*ones) - ('"'-1)*ones) | ((word ^ '\\'*ones) - ones)) & tops
}

// plain returns how many leading bytes of a text need no care in a string. It
// checks eight bytes at a time.
func plain(text []byte) int {
	at := 0
	for ; at+8 <= len(text); at += 8 {
		if found := specials(binary.LittleEndian.Uint64(text[at:])); found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(text) && ' ' <= text[at] && text[at] < utf8.RuneSelf && text[at] != '"' && text[at] != '\\' {
		at++
	}
	return at
}

// escape skips what follows a backslash.
func (s *Scanner) escape() {
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
func (s *Scanner) number() {
	if s.Peek() == '-' {
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
func (s *Scanner) digits() {
	begin := s.at
	for '0' <= s.byte() && s.byte() <= '9' {
		s.at++
	}
	s.failed = s.failed || s.at == begin
}

// Null consumes a null, if there is one.
func (s *Scanner) Null() bool {
	if s.Peek() != 'n' {
		return false
	}
	s.literal("null")
	return true
}

func (s *Scanner) literal(word string) {
	if rest := s.text[min(s.at, len(s.text)):]; len(rest) < len(word) || string(rest[:len(word)]) != word {
		s.failed = true
		return
	}
	s.at += len(word)
}

// take skips white space and consumes c, if it follows.
func (s *Scanner) take(c byte) bool {
	if s.Peek() != c {
		return false
	}
	s.at++
	return true
}

// Peek returns the first byte after white space; 0 at the end.
func (s *Scanner) Peek() byte {
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
func (s *Scanner) byte() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// Ended reports whether the text was exactly one value.
func (s *Scanner) Ended() bool {
	s.Peek()
	return !s.failed && s.at == len(s.text)
}
