package verify

import (
	"strings"

	"github.com/keyward/keyward/shared/apikey"
)

// NeedsHost reports whether a request's Host counts: where no domain is
// configured, it need not be found out.
func (v *Verifier) NeedsHost() bool { return v.hostRoot != "" }

// hostRoot is the name below which a domain's host names stand; empty without a
// domain.
func hostRoot(domain string) string {
	if domain == "" {
		return ""
	}
	return "api." + domain
}

// hostServes reports whether a host name may be used with the credentials of an
// organization. Below the root, which is api.DOMAIN, four forms are known, in
// any case:
//
//	api.DOMAIN        REGION.aws.api.DOMAIN
//	ORG.api.DOMAIN    ORG.REGION.aws.api.DOMAIN
//
// Those on the left are global, those on the right regional. ORG must be that
// organization; any other name below the root is nobody's. Names elsewhere, and
// texts that are no names, say nothing of an organization and serve all. So does
// no root.
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

// bare is a host name without a port and without a dot at its end.
func trimPort(host string) string {
	if colon := strings.LastIndexByte(host, ':'); colon >= 0 && isPort(host[colon+1:]) {
		host = host[:colon]
	}
	return strings.TrimSuffix(host, ".")
}

// cutEnd cuts an end off, in any case.
func cutSuffixFold(text, end string) (rest string, found bool) {
	at := len(text) - len(end)
	if at < 0 || !sameASCII(text[at:], end) {
		return "", false
	}
	return text[:at], true
}

func isPort(text string) bool { return len(text) <= 5 && all(text, isDigit) }

// isRegion reports the form of a region's name: words and a number with hyphens
// between them, such as eu-central-1. Which regions exist is not asked: new ones
// come.
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

// all reports whether a text is not empty and all of its bytes are of a kind.
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
