package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// headerValues is every value of the Authorization header, the name in any
// case, out of a JSON object of headers: each with a string, or with a list of
// them. An event has dozens of other headers; decoding them into a map takes
// longer than all the rest of a decision.
type headerValues []string

var errHeaders = errors.New("headers are not a JSON object")

// UnmarshalJSON reads an object that encoding/json has found to be well formed.
func (h *headerValues) UnmarshalJSON(object []byte) error {
	*h = nil
	if string(object) == "null" {
		return nil
	}
	if object[0] != '{' {
		return errHeaders
	}
	for rest := next(object[1:]); rest[0] == '"'; {
		end := valueEnd(rest)
		name := rest[:end]
		rest = next(rest[end:])
		end = valueEnd(rest)
		if err := h.add(name, rest[:end]); err != nil {
			return err
		}
		rest = next(rest[end:])
	}
	return nil
}

// add takes the values of one header, if it is the one.
func (h *headerValues) add(name, value []byte) error {
	escaped := bytes.IndexByte(name, '\\') >= 0
	if !escaped && len(name) != len(`"Authorization"`) {
		return nil
	}
	plain := string(name[1 : len(name)-1])
	if escaped {
		if err := json.Unmarshal(name, &plain); err != nil {
			return err
		}
	}
	switch {
	case !isAuthorization(plain) || value[0] == 'n':
		return nil
	case value[0] == '[':
		var several []string
		err := json.Unmarshal(value, &several)
		*h = append(*h, several...)
		return err
	}
	var one string
	err := json.Unmarshal(value, &one)
	*h = append(*h, one)
	return err
}

// next skips what stands between two values of a well-formed object.
func next(text []byte) []byte {
	for i, c := range text {
		if strings.IndexByte(" \t\r\n:,", c) < 0 {
			return text[i:]
		}
	}
	return []byte{'}'}
}

// valueEnd is where the well-formed value that text begins with ends.
func valueEnd(text []byte) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i += stringEnd(text[i:]) - 1
		case '[', '{':
			depth++
			continue
		case ']', '}':
			depth--
		default:
			if depth > 0 || i+1 < len(text) && strings.IndexByte(" \t\r\n,]}", text[i+1]) < 0 {
				continue
			}
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}

// stringEnd is where the string that text begins with ends.
func stringEnd(text []byte) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// authorization collects every value of the header from both forms in which an
// event can hold headers. A value that both hold counts once.
func (e *event) authorization() []string {
	values := slices.Clone([]string(e.MultiValueHeaders))
	for _, value := range e.Headers {
		if !slices.Contains(e.MultiValueHeaders, value) {
			values = append(values, value)
		}
	}
	return values
}

func isAuthorization(name string) bool {
	return len(name) == len("Authorization") && strings.EqualFold(name, "Authorization")
}
