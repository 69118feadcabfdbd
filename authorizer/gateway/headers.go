package gateway

import (
	"bytes"
	"slices"
)

// headerValues is every value of the Authorization header, the name in any
// case, out of an object of headers: each with a string, or with a list of them.
type headerValues [][]byte

// decode reads an object of headers, or null. It fails where there was another
// with a value.
func (h *headerValues) decode(s *scanner) {
	if len(*h) > 0 {
		s.failed = true
		return
	}
	for name := range s.members {
		switch {
		case !isAuthorization(name):
			s.skip()
		case s.peek() == '[':
			for range s.elements {
				h.add(s)
			}
		case !s.null():
			h.add(s)
		}
	}
}

// add reads one value; a null in a list is an empty one.
func (h *headerValues) add(s *scanner) {
	var value []byte
	if !s.null() {
		value = s.string()
	}
	*h = append(*h, value)
}

// maxValue is the length in bytes of the longest value that is looked at: the
// gateways pass no more than 10 kB of headers. A longer one becomes an empty
// one, which no credential is, so that it is not copied.
const maxValue = 64 << 10

// authorization collects every value of the header from both forms in which an
// event can hold headers. A value that both hold counts once.
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

// tokenOf is the one value of an event that has no headers, if it has that.
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

// isAuthorization is about ASCII alone: the length rules out the letters of
// other scripts that fold to an ASCII one.
func isAuthorization(name []byte) bool {
	const header = "Authorization"
	return len(name) == len(header) && bytes.EqualFold(name, []byte(header))
}
