package gateway

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// call is one request in the gateway.
type call struct {
	match
	config *Config
	api    *API
	http   *http.Request
	// id is the request's id, path the path as sent, source the socket's address.
	// No header can change them.
	id, path, source string
	begun            time.Time
	body             []byte
	operation        operation
	// identity holds the values of the authorizer's identity sources.
	identity []string
	// context is what the authorizer said about the caller.
	context map[string]any
}

func (g *Gateway) newCall(r *http.Request) *call {
	c := &call{config: &g.config, http: r, id: newID(), path: r.URL.EscapedPath(), begun: time.Now()}
	c.source, _, _ = net.SplitHostPort(r.RemoteAddr)
	c.source = strings.TrimPrefix(c.source, "::ffff:")
	c.api = &g.config.APIs[0]
	for i := range g.config.APIs {
		if m := g.config.APIs[i].find(r.Method, c.path); m.before(c.match) {
			c.api, c.match = &g.config.APIs[i], m
		}
	}
	return c
}

// read reads the rest of a request: its body, which must be an operation for a
// GraphQL API, or a WebSocket's handshake.
func (c *call) read() error {
	switch c.api.Kind {
	case WebSocket:
		return c.checkHandshake()
	case GraphQL:
		if err := c.readBody(); err != nil {
			return err
		}
		return c.readOperation()
	default:
		return c.readBody()
	}
}

// readBody reads the request's body, up to [MaxBody].
func (c *call) readBody() error {
	body, err := io.ReadAll(http.MaxBytesReader(nil, c.http.Body, MaxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return refused(tooLargeRequest, "the body is over the limit")
	}
	if err != nil {
		return refused(badRequest, "the body broke off")
	}
	c.body = body
	return nil
}

// arn returns the request's execute-api ARN, as used in policies.
func (c *call) arn() string {
	stage := "arn:aws:execute-api:" + c.config.Region + ":" + c.config.Account + ":" + c.api.ID + "/" + c.api.Stage + "/"
	if c.api.Kind == WebSocket {
		return stage + connectRoute
	}
	return stage + c.http.Method + c.eventPath()
}

// eventPath returns the path as in events: HTTP APIs decode its
// percent-encoding.
func (c *call) eventPath() string {
	if c.api.Kind == HTTP {
		return c.http.URL.Path
	}
	return c.path
}

// header returns the request's headers as in an event: with those that API
// Gateway adds, without those of the connection.
func (c *call) header() http.Header {
	h := c.http.Header.Clone()
	for _, name := range []string{"Connection", "Content-Length", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade"} {
		h.Del(name)
	}
	h.Set("Host", c.http.Host)
	h.Set("X-Forwarded-For", strings.Join(append(h.Values("X-Forwarded-For"), c.source), ", "))
	h.Set("X-Forwarded-Proto", "http")
	if _, port, err := net.SplitHostPort(c.http.Host); err == nil {
		h.Set("X-Forwarded-Port", port)
	}
	h.Set("X-Amzn-Trace-Id", "Root=1-"+hex.EncodeToString([]byte(c.id[:4]))+"-"+strings.ReplaceAll(c.id, "-", "")[:24])
	return h
}

func (c *call) domain() string {
	host, _, err := net.SplitHostPort(c.http.Host)
	if err != nil {
		return c.http.Host
	}
	return host
}

// newID returns a random UUID.
func newID() string {
	id, _ := uuid.New(rand.Reader) // never fails
	return id.String()
}
