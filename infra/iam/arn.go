package iam

import "strings"

// matchResource reports whether a resource matches a pattern. It matches ARNs as
// ARNs, and anything else, such as a table's name in a plan, as plain text.
func matchResource(pattern, resource string) bool {
	if strings.HasPrefix(resource, "arn:") {
		return matchARN(pattern, resource)
	}
	return wildcard(pattern, resource)
}

// matchARN matches part by part, so that a wildcard does not span a colon. The
// last part matches the rest, and parts missing from the pattern match anything.
// It is case-sensitive.
func matchARN(pattern, arn string) bool {
	const parts = 6
	want, got := strings.SplitN(pattern, ":", parts), strings.SplitN(arn, ":", parts)
	if pattern != "*" && want[0] != "arn" || len(got) < len(want) {
		return false
	}
	for i := range want {
		if !wildcard(want[i], got[i]) {
			return false
		}
	}
	return true
}

// wildcard reports whether text matches a pattern, in which * is any text and ?
// is any single character. Its time is proportional to the product of the
// lengths.
func wildcard(pattern, text string) bool {
	if strings.IndexByte(pattern, '*') < 0 && strings.IndexByte(pattern, '?') < 0 {
		return pattern == text // without decoding: a proof of the roles tries a million requests
	}
	p, t := []rune(pattern), []rune(text)
	star, mark, i, j := -1, 0, 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
