package gateway

import (
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// A long answer is compressed for a caller who takes gzip. A short one never is,
// and a caller who takes something else gets it as it is.
func TestCompression(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		body, accepted string
		limit          int
		compressed     bool
	}{
		{long, "gzip", 100, true},
		{long, "br, GZIP;q=0.5", 100, true},
		{long, "gzip", 101, false},
		{long, "gzip", 0, false},
		{long, "gzip;q=0", 100, false},
		{long, "gzip; q=0.000", 100, false},
		{long, "br", 100, false},
		{long, "identity", 100, false},
		{long, "gzipped, ;;,", 100, false},
		{"", "gzip", 1, false},
	} {
		r := newRig(t, func(config *Config) { config.APIs[0].Compression = c.limit })
		r.function = fixed(`{"statusCode":200,"body":"` + c.body + `"}`)
		res, body := r.send("POST", "/v1/apikeys", "{}", "Accept-Encoding: "+c.accepted)
		if compressed := res.Header.Get("Content-Encoding") == "gzip"; compressed != c.compressed {
			t.Errorf("%q from %d on: compressed %t", c.accepted, c.limit, compressed)
			continue
		}
		if c.compressed {
			reader, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(reader)
			if body = string(text); err != nil {
				t.Error(err)
			}
		}
		if body != c.body {
			t.Errorf("%q: the body is %q", c.accepted, body)
		}
	}
}
