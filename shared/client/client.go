// Package client is Keyward's client in Go. It needs only the standard library.
//
//	c, err := client.New("https://keys.example.com/prod", client.NewSecret(os.Getenv("KEYWARD_API_KEY")))
//	key, err := c.Keys.Create(ctx, client.NewKey{Name: "CI", Permissions: []string{"ViewTables"}}, nil)
//	fmt.Println(key.APIKey.Reveal())
//
// Every method takes a context, and ends soon after it does. A refusal is an
// [*Error], whose code [errors.Is] compares with [ErrQuotaReached] and the like.
// What is safe to repeat is repeated after a connection failure, 429 and 503; see
// [WithRetries]. Lists can be read page by page or, with All, as a sequence.
//
// Types are those of the OpenAPI document; package wire has their members.
package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/keyward/keyward/shared/client/wire"
)

// Secret is the text of a key or token. Whatever prints, logs or encodes it gets
// "[redacted]"; only its Reveal returns the text.
type Secret = wire.Secret

// NewSecret returns the text as a [Secret].
func NewSecret(text string) Secret { return wire.NewSecret(text) }

// Client calls one Keyward. Make one with [New], and share it: it may be used by
// several goroutines.
type Client struct {
	Keys         Keys
	Policies     Policies
	Users        Users
	Services     Services
	Organization Settings
	AuditEvents  AuditEvents

	sender *sender
}

// New returns a client of the Keyward at a URL, which calls with a key. The URL
// may have a path, such as that of a stage. An error means that the URL or the key
// cannot be used; nothing was sent.
func New(address string, key Secret, options ...Option) (*Client, error) {
	server, err := checkURL(address)
	if err != nil {
		return nil, err
	}
	s := &sender{server: server, retries: defaultRetries, userAgent: "keyward-go", http: &http.Client{}}
	s.authorize = func(context.Context) (string, error) { return key.Reveal(), nil }
	for _, option := range options {
		option(s)
	}
	if !s.withoutKey || !key.IsZero() {
		if err := checkCredential("key", key.Reveal()); err != nil {
			return nil, err
		}
	}
	// A redirect would take the key to another address.
	refusing := *s.http
	refusing.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s.http = &refusing
	c := &Client{sender: s}
	c.Keys, c.Policies, c.Users = Keys{s}, Policies{s}, Users{s}
	c.Services, c.Organization, c.AuditEvents = Services{s}, Settings{s}, AuditEvents{s}
	return c, nil
}

// String returns the URL.
func (c *Client) String() string { return "Keyward at " + c.sender.server }

// checkURL returns the URL without a slash at its end.
func checkURL(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return "", errors.New("client: the URL is not one of a Keyward: send one such as https://keys.example.com/prod")
	case u.User != nil:
		return "", errors.New("client: the URL has a user or password: give the key by itself")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(address, "#"):
		return "", errors.New("client: the URL has a query or fragment: leave them out")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", fmt.Errorf("client: http://%s would send the key in the clear: use https", u.Host)
	case u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("client: the URL must start with https://")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// loopback reports whether a host is this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkCredential returns an error for a text that cannot be sent in a header. It
// does not show the text.
func checkCredential(what, text string) error {
	if text == "" {
		return fmt.Errorf("client: the %s is empty", what)
	}
	for _, c := range []byte(text) {
		if c <= ' ' || c >= 0x7f {
			return fmt.Errorf("client: the %s has whitespace, or a character that no %s has: copy it again, whole and alone", what, what)
		}
	}
	return nil
}
