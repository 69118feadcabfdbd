package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
)

// Sign-ins that take longer have been forgotten.
const browserPatience = 5 * time.Minute

// Browser signs in through a browser on this machine. open gets the URL to show
// there, and a door: an address that redirects there once. Start a program with the
// door, because everybody on this machine can see a program's arguments. port is that
// of the redirect to 127.0.0.1, for issuers that want it to be registered; 0 picks a
// free one.
func (c *Client) Browser(ctx context.Context, port int, open func(page, door string)) (profile.Tokens, error) {
	if err := c.discover(ctx); err != nil {
		return profile.Tokens{}, err
	}
	if c.found.Authorization == "" {
		return profile.Tokens{}, failure.Refusedf("the issuer has no authorization endpoint")
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return profile.Tokens{}, failure.Usagef("port %d of this machine is taken: pass another with --port, or use --device", port)
	}
	local := "http://" + listener.Addr().String()
	redirect := local + "/callback"
	wait := waiter{
		issuer: c.found.Issuer, saysIssuer: c.found.SaysIssuer, host: listener.Addr().String(), state: rand.Text(),
		door: "/" + rand.Text(), pages: make(chan string, 1), answers: make(chan answer, 1),
	}
	server := &http.Server{Handler: wait, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()

	verifier := rand.Text() + rand.Text()
	digest := sha256.Sum256([]byte(verifier))
	query := c.asked()
	for name, value := range map[string]string{
		"response_type": "code", "redirect_uri": redirect, "state": wait.state,
		"code_challenge": base64.RawURLEncoding.EncodeToString(digest[:]), "code_challenge_method": "S256",
	} {
		query.Set(name, value)
	}
	page, err := url.Parse(c.found.Authorization)
	if err != nil {
		return profile.Tokens{}, failure.Refusedf("the issuer names an endpoint that is not a URL")
	}
	for name, values := range page.Query() {
		query[name] = append(query[name], values...)
	}
	page.RawQuery = query.Encode()
	wait.pages <- page.String()
	open(page.String(), local+wait.door)

	select {
	case got := <-wait.answers:
		// The browser has its page before the server ends.
		defer func() { _ = server.Shutdown(context.WithoutCancel(ctx)) }()
		if got.err != nil {
			return profile.Tokens{}, told(got.err)
		}
		tokens, err := c.token(ctx, url.Values{
			"grant_type": {"authorization_code"}, "code": {got.code}, "redirect_uri": {redirect}, "code_verifier": {verifier},
		})
		return tokens, told(err)
	case <-ctx.Done():
		return profile.Tokens{}, ctx.Err()
	case <-time.After(browserPatience):
		return profile.Tokens{}, failure.Refusedf("nobody has signed in for five minutes: start again")
	}
}

type answer struct {
	code string
	err  error
}

// waiter redirects the first request for the door to the page, and takes the one
// redirect back that has the state of this sign-in. It refuses whatever else is sent
// to its port, and goes on waiting.
type waiter struct {
	issuer, host, state, door string
	saysIssuer                bool
	pages                     chan string
	answers                   chan answer
}

var errCallback = errors.New("not an answer to this sign-in")

func (w waiter) ServeHTTP(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Content-Type", "text/plain; charset=utf-8")
	response.Header().Set("Cache-Control", "no-store")
	response.Header().Set("Referrer-Policy", "no-referrer")
	if request.Method == http.MethodGet && request.Host == w.host && request.URL.Path == w.door {
		select {
		case page := <-w.pages:
			http.Redirect(response, request, page, http.StatusFound)
			return
		default: // it has been used
		}
	}
	got, err := w.read(request)
	if err != nil {
		response.WriteHeader(http.StatusBadRequest)
		_, _ = response.Write([]byte("This is not an answer to a sign-in of keyward.\n"))
		return
	}
	page := "You are signed in. Close this page, and go back to the terminal.\n"
	if got.err != nil {
		page = "You are not signed in. The terminal says why.\n"
	}
	_, _ = response.Write([]byte(page))
	select {
	case w.answers <- got:
	default: // a repetition
	}
}

func (w waiter) read(request *http.Request) (answer, error) {
	query := request.URL.Query()
	right := subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(w.state)) == 1
	if request.Method != http.MethodGet || request.URL.Path != "/callback" || request.Host != w.host || !right {
		return answer{}, errCallback
	}
	// RFC 9207: an answer may name its issuer, and then it must be the right one. Of an
	// issuer that says so, every answer must.
	if issuer := query.Get("iss"); (issuer != "" || w.saysIssuer) && issuer != w.issuer {
		return answer{}, errCallback
	}
	if query.Get("error") != "" {
		return answer{err: refusal(code(query.Get("error")))}, nil
	}
	if query.Get("code") == "" {
		return answer{}, errCallback
	}
	return answer{code: query.Get("code")}, nil
}
