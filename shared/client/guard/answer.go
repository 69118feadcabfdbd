package guard

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// answer is how a request is refused: a problem (RFC 9457), as the gateway of an
// API behind the authorizer answers it.
type answer struct {
	status              int
	code, title, detail string
	header, value       string
}

var (
	unauthorized = answer{401, "UNAUTHENTICATED", "Unauthorized", "A valid API key is required. Send it in the header Authorization: Bearer KEY; other headers, such as X-API-Key, are not read.",
		"WWW-Authenticate", `Bearer realm="keyward", Basic realm="keyward", charset="UTF-8"`}
	forbidden   = answer{403, "", "Forbidden", "The API key is valid but may not do this; code says why.", "", ""}
	noRoute     = answer{404, "NOT_FOUND", "Not Found", "There is no such route. Check the method and the path.", "", ""}
	unavailable = answer{503, "UNAVAILABLE", "Service Unavailable", "The API key could not be checked. Try again.", "Retry-After", "1"}
)

// write sends the answer, with a code if it has none of its own.
func (a answer) write(w http.ResponseWriter, code string) {
	header := w.Header()
	header.Set("Content-Type", "application/problem+json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	if a.header != "" {
		header.Set(a.header, a.value)
	}
	if a.code != "" {
		code = a.code
	}
	body := fmt.Appendf(nil, `{"type":"about:blank","title":%q,"status":%d,"detail":%q,"code":%q,"requestId":%q}`, a.title, a.status, a.detail, code, rand.Text())
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	_, _ = w.Write(body)
}

// limitedLog tells of failures, at most once a second.
type limitedLog struct {
	to *slog.Logger

	mu      sync.Mutex
	last    time.Time
	omitted int
}

func (l *limitedLog) failure(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); !l.last.IsZero() && now.Sub(l.last) < time.Second {
		l.omitted++
		return
	}
	l.to.Error("a key could not be checked", "error", err.Error(), "omitted", l.omitted)
	l.last, l.omitted = time.Now(), 0
}
