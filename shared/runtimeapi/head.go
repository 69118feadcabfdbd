package runtimeapi

import (
	"bufio"
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"
)

var (
	errMalformed  = errors.New("the runtime API does not speak HTTP as it should")
	errNoID       = errors.New("an invocation has no request id")
	errNoDeadline = errors.New("the invocation has no deadline")
	errTooLong    = errors.New("the event is too long")
)

// maxLines is the maximum number of header lines of an answer.
const maxLines = 100

// head holds what matters of an answer's status line and headers.
type head struct {
	status   int
	length   int64 // -1: unknown
	chunked  bool
	close    bool // the connection ends after this answer
	id       []byte
	deadline time.Time // zero: none, or unreadable
	trace    string
}

// readHead reads an answer up to its body. It skips interim answers.
func readHead(in *bufio.Reader) (head, error) {
	for {
		h, err := readOneHead(in)
		if err != nil || h.status >= 200 {
			return h, err
		}
	}
}

func readOneHead(in *bufio.Reader) (head, error) {
	h := head{length: -1}
	line, err := readLine(in)
	if err != nil {
		return head{}, err
	}
	if len(line) < 12 || string(line[:7]) != "HTTP/1." || line[8] != ' ' {
		return head{}, errMalformed
	}
	status, err := strconv.ParseUint(string(line[9:12]), 10, 16)
	if err != nil || status < 100 || len(line) > 12 && line[12] != ' ' {
		return head{}, errMalformed
	}
	h.close = line[7] == '0'
	for range maxLines {
		line, err := readLine(in)
		if err != nil {
			return head{}, err
		}
		if len(line) == 0 {
			h.status = int(status)
			return h, h.check()
		}
		name, value, found := bytes.Cut(line, []byte(":"))
		if !found {
			return head{}, errMalformed
		}
		if err := h.set(name, bytes.Trim(value, " \t")); err != nil {
			return head{}, err
		}
	}
	return head{}, errMalformed
}

// set applies one header. It compares the length of the name first, since that
// distinguishes most headers.
func (h *head) set(name, value []byte) error {
	is := func(want string) bool { return len(name) == len(want) && strings.EqualFold(string(name), want) }
	switch {
	case is("Content-Length"):
		length, err := strconv.ParseUint(string(value), 10, 62)
		if err != nil || h.length >= 0 && h.length != int64(length) {
			return errMalformed
		}
		h.length = int64(length)
	case is("Transfer-Encoding"):
		if !bytes.EqualFold(value, []byte("chunked")) || h.chunked {
			return errMalformed
		}
		h.chunked = true
	case is("Connection"):
		h.close = h.close || bytes.EqualFold(value, []byte("close"))
	case is("Lambda-Runtime-Aws-Request-Id"):
		if plain(value) {
			h.id = append(h.id[:0], value...)
		}
	case is("Lambda-Runtime-Deadline-Ms"):
		if ms, err := strconv.ParseInt(string(value), 10, 64); err == nil && ms > 0 {
			h.deadline = time.UnixMilli(ms)
		}
	case is("Lambda-Runtime-Trace-Id"):
		h.trace = string(value)
	}
	return nil
}

// check refuses contradictory headers: an answer whose end is ambiguous is not
// read.
func (h *head) check() error {
	if h.chunked && h.length >= 0 {
		return errMalformed
	}
	return nil
}

// plain reports whether a request id needs no escapes in a path.
func plain(id []byte) bool {
	for _, c := range id {
		if c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(id) <= 128
}

// readLine returns a line without its end. It is valid until the next read.
func readLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return nil, errMalformed
	}
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
}
