package runtimeapi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// chunked is an invocation whose body comes in chunks, with an extension and
// trailers.
func chunked(chunks ...string) string {
	text := headers("a") + "Transfer-Encoding: Chunked\r\n\r\n"
	for _, c := range chunks {
		text += fmt.Sprintf("%X;name=\"v\"\r\n%s\r\n", len(c), c)
	}
	return text + "0\r\nX-Trailer: 1\r\n\r\n"
}

// An event is read alike in every framing that HTTP allows.
func TestForms(t *testing.T) {
	big := strings.Repeat("0123456789", 600_000)
	for name, form := range map[string]struct {
		text, want string
		ends       bool
	}{
		"with a length":        {text: invocationOf("a", "event"), want: "event"},
		"empty":                {text: invocationOf("a", ""), want: ""},
		"in one chunk":         {text: chunked("event"), want: "event"},
		"in chunks":            {text: chunked("ev", "e", "nt"), want: "event"},
		"of no chunks":         {text: chunked(), want: ""},
		"6 MB":                 {text: invocationOf("a", big), want: big},
		"6 MB in chunks":       {text: chunked(big[:1], big[1:3_000_000], big[3_000_000:]), want: big},
		"the connection ends":  {text: strings.Replace(invocationOf("a", "event"), "\r\n", "\r\nconnection: CLOSE\r\n", 1), want: "event", ends: true},
		"HTTP/1.0":             {text: strings.Replace(invocationOf("a", "event"), "1.1", "1.0", 1), want: "event", ends: true},
		"after an interim one": {text: "HTTP/1.1 100 Continue\r\n\r\n" + invocationOf("a", "event"), want: "event"},
		"bare line ends":       {text: strings.ReplaceAll(invocationOf("a", "event"), "\r\n", "\n"), want: "event"},
		"names in lower case":  {text: "HTTP/1.1 200\r\n" + strings.ToLower(strings.SplitN(invocationOf("a", "event"), "\r\n", 2)[1]), want: "event"},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, func(n int, c net.Conn) bool {
				if n == 1 {
					return gone(c)
				}
				return write(c, form.text) && !form.ends
			})
			if err := runAlone(t, a, echo); err != nil {
				t.Fatal(err)
			}
			if len(a.posts) != 1 || a.posts[0].path != "/invocation/a/response" || a.posts[0].body != form.want {
				t.Errorf("%d answers", len(a.posts))
			}
		})
	}
}

// An event that comes byte by byte is read whole.
func TestSlow(t *testing.T) {
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n == 1 {
			return gone(c)
		}
		return write(c, chunked("ev", "ent"))
	})
	s := newSlot(t.Context(), a.address(), echo)
	defer s.disconnect()
	if err := s.connect(); err != nil {
		t.Fatal(err)
	}
	s.conn.in = bufio.NewReaderSize(iotest.OneByteReader(s.conn.Conn), inBuffer)
	if err := s.run(); !errors.Is(err, errGone) || len(a.posts) != 1 || a.posts[0].body != "event" {
		t.Errorf("%v, %+v", err, a.posts)
	}
}

// A truncated event, or one without an end, never reaches the handler. The
// invocation fails at once, and the next one is served.
func TestBrokenEvents(t *testing.T) {
	for name, text := range map[string]string{
		"within a body":              headers("a") + "Content-Length: 10\r\n\r\nevent",
		"before a body":              headers("a") + "Content-Length: 10\r\n\r\n",
		"within a chunk":             headers("a") + "Transfer-Encoding: chunked\r\n\r\nA\r\nevent",
		"between chunks":             headers("a") + "Transfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n",
		"within trailers":            headers("a") + "Transfer-Encoding: chunked\r\n\r\n5\r\nevent\r\n0\r\nX: ",
		"a size that is none":        headers("a") + "Transfer-Encoding: chunked\r\n\r\nfive\r\nevent\r\n0\r\n\r\n",
		"a chunk longer than told":   headers("a") + "Transfer-Encoding: chunked\r\n\r\n2\r\nevent\r\n0\r\n\r\n",
		"without a length":           headers("a") + "\r\nevent",
		"a length of a terabyte":     headers("a") + "Content-Length: 1099511627776\r\n\r\nevent",
		"a chunk of a terabyte":      headers("a") + "Transfer-Encoding: chunked\r\n\r\n10000000000\r\nevent",
		"a length in two ways":       headers("a") + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nevent\r\n0\r\n\r\n",
		"two lengths, which differ":  headers("a") + "Content-Length: 5\r\nContent-Length: 4\r\n\r\nevent",
		"a length with a sign":       headers("a") + "Content-Length: +5\r\n\r\nevent",
		"an encoding that is not it": headers("a") + "Transfer-Encoding: gzip\r\n\r\nevent",
		"a line without a colon":     headers("a") + "Content-Length 5\r\n\r\nevent",
		"a line without end":         headers("a") + "X: " + strings.Repeat("x", 20_000),
		"headers without end":        headers("a") + strings.Repeat("X: y\r\n", 5000),
		"no id":                      strings.Replace(invocationOf("a", "event"), "Aws-Request-Id", "Other", 1),
		"an id that is a path":       invocationOf("../../init/error", "event"),
		"an id with a line's end":    invocationOf("a HTTP/1.1\rX: y", "event"),
		"not HTTP":                   "SSH-2.0-OpenSSH_9.6 and more\r\n\r\n",
		"a status that is none":      "HTTP/1.1 2x0 OK\r\n\r\n",
		"nothing":                    "",
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, func(n int, c net.Conn) bool {
				switch n {
				case 0:
					write(c, text)
					return false
				case 1:
					return write(c, invocationOf("b", "whole"))
				}
				return gone(c)
			})
			err := runAlone(t, a, handlerFunc(func(_ context.Context, payload []byte) ([]byte, error) {
				if string(payload) != "whole" {
					t.Errorf("the handler was given %q", payload)
				}
				return payload, nil
			}))
			last := len(a.posts) - 1
			if err != nil || last < 0 || last > 1 || a.posts[last] != (report{"/invocation/b/response", "", "whole"}) {
				t.Fatalf("%v, %+v", err, a.posts)
			}
			if last == 1 && (a.posts[0].path != "/invocation/a/error" || strings.Contains(a.posts[0].body, "event\"")) {
				t.Errorf("the broken one was reported as %+v", a.posts[0])
			}
		})
	}
}

// If the headers of a broken event are complete, its invocation fails at once
// and not by Lambda's timeout.
func TestBrokenEventIsReported(t *testing.T) {
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n == 0 {
			write(c, headers("a")+"Content-Length: 10\r\n\r\nevent")
			return false
		}
		return gone(c)
	})
	want := `{"errorMessage":"the event could not be read: unexpected EOF","errorType":"wrapError"}`
	if err := runAlone(t, a, echo); err != nil || len(a.posts) != 1 || a.posts[0].body != want {
		t.Errorf("%v, %+v", err, a.posts)
	}
}

// A runtime API that stays broken ends the process, after a bounded number of
// attempts.
func TestGivesUp(t *testing.T) {
	for name, answer := range map[string]string{
		"500": "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
		"403": "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
		"":    "", "no invocation": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	} {
		a := newAPI(t, func(_ int, c net.Conn) bool { return write(c, answer) && answer != "" })
		if err := runAlone(t, a, echo); err == nil || a.polls > maxFailures || len(a.posts) > 0 {
			t.Errorf("%q: %v after %d polls", name, err, a.polls)
		}
	}
}

// All pauses between attempts together take less than two seconds.
func TestPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, failures, began := &slot{}, 1, time.Now()
		for s.pause(failures) {
			failures++
		}
		if took := time.Since(began); took == 0 || took > 2*time.Second || failures != maxFailures {
			t.Errorf("%s between %d attempts", took, failures)
		}
	})
}

// So does one that is unreachable.
func TestNobodyListens(t *testing.T) {
	if err := serve("127.0.0.1:1", echo, 3); err == nil {
		t.Error("it ends without an error")
	}
}

// An answer is sent again if its connection breaks, but never after it was
// accepted.
func TestAnswerIsSentAgain(t *testing.T) {
	poll := func(n int, c net.Conn) bool {
		if n == 2 {
			return gone(c)
		}
		return write(c, invocationOf("id-"+strconv.Itoa(n), "event"))
	}
	for name, test := range map[string]struct {
		first string
		keep  bool
		want  []string
	}{
		"nothing":        {"", false, []string{"id-0/response", "id-0/response", "id-1/response"}},
		"half a head":    {"HTTP/1.1 202 Acc", false, []string{"id-0/response", "id-0/response", "id-1/response"}},
		"half a body":    {"HTTP/1.1 202 Accepted\r\nContent-Length: 9\r\n\r\n{", false, []string{"id-0/response", "id-1/response"}},
		"no such id":     {"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", true, []string{"id-0/response", "id-1/response"}},
		"too large":      {"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n", true, []string{"id-0/response", "id-0/error", "id-1/response"}},
		"and it goes on": {"HTTP/1.1 202 Accepted\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false, []string{"id-0/response", "id-1/response"}},
	} {
		a := newAPI(t, poll)
		a.post = func(n int, c net.Conn) bool {
			if n == 0 {
				return write(c, test.first) && test.keep
			}
			return write(c, "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
		}
		err := runAlone(t, a, echo)
		var got []string
		for _, r := range a.posts {
			got = append(got, strings.TrimPrefix(r.path, "/invocation/"))
		}
		if err != nil || fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s: %v, %v", name, err, got)
		}
	}
}

// If the API fails to accept an answer, the process ends, as Lambda requires.
func TestAnswerIsNotTaken(t *testing.T) {
	a := newAPI(t, func(_ int, c net.Conn) bool { return write(c, invocationOf("a", "event")) })
	a.post = func(_ int, c net.Conn) bool {
		return write(c, "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
	}
	if err := runAlone(t, a, echo); err == nil || a.polls != 1 {
		t.Errorf("%v after %d polls", err, a.polls)
	}
}

// A large event's buffer is not kept.
func TestBuffersShrink(t *testing.T) {
	large := strings.Repeat("x", 4<<20)
	a := newAPI(t, func(n int, c net.Conn) bool {
		if n == 1 {
			return gone(c)
		}
		return write(c, invocationOf("a", large))
	})
	s := newSlot(t.Context(), a.address(), echo)
	defer s.disconnect()
	if err := s.run(); !errors.Is(err, errGone) {
		t.Fatal(err)
	}
	if len(a.posts) != 1 || !bytes.Equal([]byte(a.posts[0].body), []byte(large)) || cap(s.body) > keptBuffer || cap(s.out) > keptBuffer {
		t.Errorf("%d answers, %d and %d bytes kept", len(a.posts), cap(s.body), cap(s.out))
	}
}
