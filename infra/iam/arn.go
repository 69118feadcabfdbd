package iam

import "strings"

// matchResource matches a resource with a pattern: an ARN as one, and what stands
// in the place of one, such as a table's name in a plan, as any text.
func matchResource(pattern, resource string) bool {
	if strings.HasPrefix(resource, "arn:") {
		return matchARN(pattern, resource)
	}
	return wildcard(pattern, resource)
}

// matchARN matches part by part, so that a wildcard does not span a colon; the
// last part takes all that follows, and parts that the pattern lacks match
// anything. Case counts.
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

// wildcard matches text with a pattern, in which * is any text and ? is any one
// character. It takes time in proportion to the product of the lengths.
func wildcard(pattern, text string) bool {
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
