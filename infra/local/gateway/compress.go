package gateway

import (
	"bytes"
	"compress/gzip"
	"strings"
)

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
