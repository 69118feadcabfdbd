package runtimeapi

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"time"
)

// The statuses that the runtime API answers with.
const (
	statusOK       = 200
	statusGone     = 410
	statusTooLarge = 413
)

const (
	dialLimit = time.Second
	// inBuffer fits a usual event with its headers, and the longest header line.
	inBuffer = 8 << 10
)

// connection is a connection to the runtime API.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func newConnection(conn net.Conn) *connection {
	return &connection{conn, bufio.NewReaderSize(conn, inBuffer)}
}

// connect opens a connection if there is none.
func (s *slot) connect() error {
	if s.conn != nil {
		return nil
	}
	conn, err := net.DialTimeout("tcp", s.host, dialLimit)
	if err != nil {
		return err
	}
	if s.alone {
		block(conn)
	}
	s.conn = newConnection(conn)
	return nil
}

func (s *slot) disconnect() {
	if s.conn != nil {
		_ = s.conn.Close()
		s.conn = nil
	}
}

// post sends a document. If the connection breaks before the answer, it sends it
// again, which is harmless because the API accepts one answer per invocation.
// The returned status is below 500; a higher one means that Lambda wants the
// runtime to end, and is an error.
func (s *slot) post(before string, id []byte, after string, document []byte) (status int, err error) {
	s.out = append(s.out[:0], "POST "...)
	s.out = append(append(s.out, s.prefix...), before...)
	s.out = append(append(s.out, id...), after...)
	s.out = append(append(s.out, " HTTP/1.1\r\nHost: "...), s.host...)
	s.out = append(s.out, "\r\nUser-Agent: keyward\r\nContent-Type: application/json\r\n"...)
	if id == nil {
		s.out = append(s.out, "Lambda-Runtime-Function-Error-Type: Runtime.InitError\r\n"...)
	}
	s.out = append(s.out, "Content-Length: "...)
	s.out = append(strconv.AppendInt(s.out, int64(len(document)), 10), "\r\n\r\n"...)
	s.out = append(s.out, document...)
	for failures := 0; ; {
		var h head
		if err = s.connect(); err == nil {
			h, err = s.exchange(s.out)
		}
		switch {
		case h.status == statusGone:
			return 0, errGone
		case h.status >= 500:
			return 0, fmt.Errorf("the runtime API takes no answer: status %d", h.status)
		case h.status >= 200:
			return h.status, nil
		}
		if failures++; !s.pause(failures) {
			return 0, fmt.Errorf("the runtime API takes no answer: %w", err)
		}
	}
}

// exchange sends a request and reads the answer, with its body into s.body. If
// it fails, it returns what it read of the headers, and the connection is
// closed.
func (s *slot) exchange(request []byte) (head, error) {
	var h head
	_, err := s.conn.Write(request)
	if err == nil {
		h, err = readHead(s.conn.in)
	}
	if err == nil {
		s.body, err = readBody(s.conn.in, h, s.body[:0])
	}
	if err != nil || h.close {
		s.disconnect()
	}
	return h, err
}
