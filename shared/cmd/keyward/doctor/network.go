package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/profile"
)

// answerTimeout is how long Keyward may take to answer.
const answerTimeout = 20 * time.Second

// url checks the form of the URL.
func (p Patient) url() (address string, _ Finding) {
	address, err := profile.CheckURL(p.URL)
	if err != nil {
		return "", Finding{"url", Wrong, "this is not the URL of an API that a key may be sent to", err.Error(), failure.Usage}
	}
	return address, Finding{Check: "url", State: OK, Detail: address}
}

// reached is an answer to a request that needs no key.
type reached struct {
	address string
	status  int
	media   string
	body    []byte
	date    time.Time
	took    time.Duration
	asked   time.Time
}

// maxDocument is more than the OpenAPI document has.
const maxDocument = 8 << 20

// getDocument asks for the OpenAPI document, which everybody may read.
func (p Patient) getDocument(ctx context.Context, address string) (reached, Finding) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/v1/openapi.json", nil)
	if err != nil {
		return reached{}, Finding{"network", Wrong, "the URL cannot be asked", "check the URL", failure.Usage}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	asked := p.Now()
	response, err := client.Do(request)
	if err != nil {
		detail, fix := Unreachable(err)
		return reached{}, Finding{"network", Wrong, detail, fix, failure.Outage}
	}
	defer func() { _ = response.Body.Close() }()
	r := reached{address: address, status: response.StatusCode, media: response.Header.Get("Content-Type"), asked: asked, took: p.Now().Sub(asked)}
	r.date, _ = http.ParseTime(response.Header.Get("Date"))
	if r.body, err = io.ReadAll(io.LimitReader(response.Body, maxDocument)); err != nil {
		return r, Finding{"network", Wrong, "the answer breaks off", "look at the proxies between here and " + request.URL.Host, failure.Outage}
	}
	return r, Finding{Check: "network", State: OK, Detail: fmt.Sprintf("%s answers in %d ms", request.URL.Host, r.took.Milliseconds())}
}

// Unreachable returns why a request got no answer, and what to do. It shows nothing of
// err but the host.
func Unreachable(err error) (detail, fix string) {
	at := &url.URL{Host: "the API"}
	if asked, is := errors.AsType[*url.Error](err); is {
		if u, err := url.Parse(asked.URL); err == nil {
			at = u
		}
	}
	host := at.Hostname()
	if through, is := errors.AsType[*net.OpError](err); is && through.Op == "proxyconnect" {
		return "the proxy for " + host + " cannot be reached", "check HTTPS_PROXY and NO_PROXY"
	}
	if _, is := errors.AsType[*net.DNSError](err); is {
		return "there is no host " + host, "check the URL for a typing error, and whether you need a VPN"
	}
	if _, is := errors.AsType[*tls.CertificateVerificationError](err); is {
		unknown, named := x509.UnknownAuthorityError{}, x509.HostnameError{}
		switch {
		case errors.As(err, &unknown):
			return "the certificate of " + host + " is from an authority that this machine does not know", "if a proxy of yours inspects traffic, install its certificate; otherwise do not go on"
		case errors.As(err, &named):
			return "the certificate is not for " + host, "use the name that the certificate has, or mend the custom domain"
		}
		return "the certificate of " + host + " is not valid", "check this machine's clock, and the certificate's dates"
	}
	if _, is := errors.AsType[tls.RecordHeaderError](err); is || errors.Is(err, http.ErrSchemeMismatch) {
		return host + " does not speak https at this port", "check the port, and whether the URL should begin with http:// (on this machine alone)"
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens at " + at.Host, "check the port; a local stack is started with make run"
	case errors.Is(err, context.DeadlineExceeded):
		return at.Host + " does not answer in time", "check firewalls, HTTPS_PROXY, and whether the API is private to a VPC"
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
		return "the connection to " + at.Host + " broke off", "try again, and look at the proxies on the way"
	}
	return at.Host + " cannot be reached", "check the network, and HTTPS_PROXY"
}

// keyward checks that the answer is that of a Keyward.
func (p Patient) keyward(r reached) Finding {
	var document struct {
		Info struct{ Title, Version string }
	}
	switch {
	case r.status == http.StatusOK && json.Unmarshal(r.body, &document) == nil && document.Info.Title == "Keyward":
		return Finding{Check: "keyward", State: OK, Detail: "this is a Keyward, version " + document.Info.Version + " of its API"}
	case r.status >= http.StatusInternalServerError || r.status == http.StatusTooManyRequests:
		return Finding{"keyward", Wrong, fmt.Sprintf("the API answers %d", r.status), "wait a minute; if it stays, look at the log of the function get-openapi", failure.Outage}
	case r.status >= 300 && r.status < 400:
		return Finding{"keyward", Wrong, "the URL redirects", "use the URL that it leads to, if you trust it", failure.Outage}
	}
	fix := "use the stack's output ApiUrl"
	if u, err := url.Parse(r.address); err == nil && u.Path == "" && strings.Contains(u.Host, ".execute-api.") {
		fix = "add the stage to the URL, such as /prod: the stack's output ApiUrl has it"
	} else if err == nil && u.Path != "" {
		fix = "check the path " + u.Path + " in the URL: it is the API's stage, and a custom domain has none; the stack's output ApiUrl is right"
	}
	return Finding{"keyward", Wrong, fmt.Sprintf("there is no Keyward at %s (its document answers %d)", r.address, r.status), fix, failure.Outage}
}

// maxSkew is how wrong a clock may be: more than a slow answer, less than matters.
const maxSkew = time.Minute

// clock compares this machine's clock with the answer's date.
func (p Patient) clock(r reached) Finding {
	if r.date.IsZero() {
		return Finding{Check: "clock", State: OK, Detail: "the answer has no date to compare with"}
	}
	skew := r.asked.Add(r.took / 2).Sub(r.date)
	if skew.Abs() <= maxSkew {
		return Finding{Check: "clock", State: OK, Detail: "this machine's clock is right within a minute"}
	}
	how := "ahead"
	if skew < 0 {
		how = "behind"
	}
	return Finding{Check: "clock", State: Warning, Detail: fmt.Sprintf("this machine's clock is %s %s", skew.Abs().Round(time.Second), how),
		Fix: "set the clock by NTP: access tokens, AWS credentials and times from now depend on it"}
}
