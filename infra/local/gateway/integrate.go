package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/keyward/keyward/infra/local/lambda"
)

// integrate calls the route's function and parses its answer. Its errors are
// refusals.
func (g *Gateway) integrate(ctx context.Context, c *call) (answer, error) {
	if c.api.Kind == GraphQL {
		return g.resolve(ctx, c), nil
	}
	event, read := c.restProxyEvent(), c.readRESTAnswer
	if c.api.Kind == HTTP {
		event, read = c.httpProxyEvent(), c.readHTTPAnswer
	}
	if len(event) > lambda.MaxPayload {
		return answer{}, refused(tooLargeRequest, "the event is over Lambda's limit")
	}
	ctx, cancel := context.WithTimeout(ctx, IntegrationTimeout)
	defer cancel()
	text, err := c.route.Invoke(ctx, event)
	_, own := errors.AsType[*lambda.FunctionError](err)
	switch {
	case own:
		return answer{}, refused(badProxyResponse, "the function failed: "+err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return answer{}, refused(integrationTimeout, "the function did not answer in time")
	case err != nil:
		return answer{}, refused(integrationFailure, "the function cannot be called: "+err.Error())
	}
	a, err := read(text)
	if err != nil {
		return answer{}, refused(badProxyResponse, "the function's answer is malformed: "+err.Error())
	}
	return a, nil
}

// answer is an HTTP response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func newAnswer(status int) answer { return answer{status: status, header: http.Header{}} }

func (a answer) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[http.CanonicalHeaderKey(name)] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body)
}

// compress returns the answer as a REST API with a minimum compression size sends
// it: compressed if it is that long and the caller takes gzip. Any other
// Accept-Encoding gets it as it is.
func (c *call) compress(a answer) answer {
	if c.api.Kind != REST || c.api.Compression == 0 || len(a.body) < c.api.Compression || !takesGzip(c.http.Header.Values("Accept-Encoding")) {
		return a
	}
	var out bytes.Buffer
	writer := gzip.NewWriter(&out)
	_, _ = writer.Write(a.body) // to memory
	_ = writer.Close()
	a.body = out.Bytes()
	a.header.Set("Content-Encoding", "gzip")
	return a
}

func takesGzip(accepted []string) bool {
	for coding := range strings.SplitSeq(strings.Join(accepted, ","), ",") {
		name, weight, _ := strings.Cut(coding, ";")
		weight = strings.TrimRight(strings.ReplaceAll(weight, " ", ""), "0.")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") && weight != "q=" {
			return true
		}
	}
	return false
}
