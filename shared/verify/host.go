package verify

import (
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

// NeedsHost reports whether decisions depend on a request's Host. They do if a
// domain is configured.
func (v *Verifier) NeedsHost() bool { return v.hostRoot != "" }

// hostRoot returns the domain's api.DOMAIN, below which organizations have
// their host names; empty without a domain.
func hostRoot(domain string) string {
	if domain == "" {
		return ""
	}
	return "api." + domain
}

// hostServes reports whether a host name may be used with the credentials of an
// organization. Below the root, which is api.DOMAIN, there are four forms, in
// any case:
//
//	api.DOMAIN        REGION.aws.api.DOMAIN
//	ORG.api.DOMAIN    ORG.REGION.aws.api.DOMAIN
//
// Those on the left are global, those on the right regional. ORG must be the
// organization; no other name below the root serves anybody. Names elsewhere,
// and texts that are no host names, serve all organizations. So does every name
// if the root is empty.
func hostServes(root, host string, org apikey.OrgID) bool {
	if root == "" {
		return true
	}
	rest, inside := cutSuffixFold(trimPort(host), root)
	name, below := strings.CutSuffix(rest, ".")
	if !inside || !below {
		return true
	}
	first, rest, regional := strings.Cut(name, ".")
	if !regional {
		return sameASCII(first, string(org))
	}
	if isRegion(first) && sameASCII(rest, apikey.RegionsLabel) {
		return true
	}
	region, rest, _ := strings.Cut(rest, ".")
	return sameASCII(first, string(org)) && isRegion(region) && sameASCII(rest, apikey.RegionsLabel)
}

// trimPort returns a host name without its port and its trailing dot.
func trimPort(host string) string {
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && isPort(host[colon+1:]) {
		host = host[:colon]
	}
	return strings.TrimSuffix(host, ".")
}

// cutSuffixFold does what [strings.CutSuffix] does, without regard to case.
func cutSuffixFold(text, end string) (rest string, found bool) {
	at := len(text) - len(end)
	if at < 0 || !sameASCII(text[at:], end) {
		return "", false
	}
	return text[:at], true
}

func isPort(text string) bool { return len(text) <= 5 && all(text, isDigit) }

// isRegion reports whether label has the form of a region's name: words and a
// number, joined by hyphens, such as eu-central-1. It does not check that the
// region exists, because new ones appear.
func isRegion(label string) bool {
	words := 0
	for {
		word, rest, more := strings.Cut(label, "-")
		if !more {
			return words >= 2 && all(word, isDigit)
		}
		if !all(word, isLetter) {
			return false
		}
		words, label = words+1, rest
	}
}

// all reports whether text is not empty and every byte satisfies kind.
func all(text string, kind func(byte) bool) bool {
	for i := range len(text) {
		if !kind(text[i]) {
			return false
		}
	}
	return text != ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
