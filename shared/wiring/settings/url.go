package settings

import (
	"net"
	"net/url"
)

// url parses the URL of a document that must not change on its way: an https
// URL, or one of this machine, for tests.
func (r *reader) url(name, otherwise string) string {
	text := r.optional(name, otherwise)
	at, err := url.Parse(text)
	if err != nil || at.Host == "" || at.User != nil || at.Scheme != "https" && (at.Scheme != "http" || !isLoopback(at.Hostname())) {
		r.fault("%s is %q: want an https URL", name, text)
	}
	return text
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return address != nil && address.IsLoopback()
}
