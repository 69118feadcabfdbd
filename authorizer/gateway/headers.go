package gateway

import (
	"bytes"
	"slices"
)

// headerValues collects every value of the Authorization header from an object
// of headers. The name may be in any case; a value is a string or a list of
// strings.
type headerValues [][]byte

// decode parses an object of headers, or null. It fails if an earlier object had
// a value.
func (h *headerValues) decode(s *scanner) {
	if len(*h) > 0 {
		s.Fail()
		return
	}
	for more := s.Object(); more; more = s.More('}') {
		switch {
		case !isAuthorization(s.Name()):
			s.Skip()
		case s.Peek() == '[':
			for more := s.Array(); more; more = s.More(']') {
				h.add(s)
			}
		case !s.Null():
			h.add(s)
		}
	}
}

// add parses one value; a null in a list counts as empty.
func (h *headerValues) add(s *scanner) {
	var value []byte
	if !s.Null() {
		value = s.Bytes()
	}
	*h = append(*h, value)
}

// maxValue is the maximum length in bytes of a value that is read; the gateways
// pass at most 10 kB of headers. A longer value is replaced by an empty one,
// which is never a credential, so that it is not copied.
const maxValue = 64 << 10

// authorization returns every value of the header, from both formats in which an
// event can hold headers. A value in both counts once.
func (e *event) authorization() []string {
	values := e.credentials[:0]
	for _, value := range e.multiValueHeaders {
		values = append(values, credential(value))
	}
	for _, value := range e.headers {
		if !slices.ContainsFunc(e.multiValueHeaders, func(v []byte) bool { return bytes.Equal(v, value) }) {
			values = append(values, credential(value))
		}
	}
	return values
}

// tokenOf returns the token of an event without headers, if it has one.
func (e *event) tokenOf() []string {
	if len(e.token) == 0 {
		return nil
	}
	return []string{credential(e.token)}
}

func credential(value []byte) string {
	if len(value) > maxValue {
		return ""
	}
	return string(value)
}

// isAuthorization compares ASCII only: the length excludes letters of other
// scripts that fold to ASCII.
func isAuthorization(name []byte) bool {
	const header = "Authorization"
	return len(name) == len(header) && bytes.EqualFold(name, []byte(header))
}
