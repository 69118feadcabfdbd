package console

import "strings"

// pages are the paths below /console that the entry shows. * stands for an id or
// the name of a service.
var pages = []string{
	"", "keys", "keys/*", "policies", "policies/*", "users", "users/*", "services", "services/*",
	"audit", "organization", "signed-in",
}

// baseOf returns the way from a page to the folder of the console's files, in
// dots and the word console alone. So it holds behind any stage, domain and base
// path, and contains nothing of the request. ok is false if the path is no page's,
// or not written as its name is: of an encoded slash, a browser makes no folder.
func baseOf(name, path string) (base string, ok bool) {
	if !isPage(name) || strings.Contains(path, "//") || !strings.HasSuffix(strings.TrimSuffix(path, "/"), name) {
		return "", false
	}
	depth := 0
	if name != "" {
		depth = 1 + strings.Count(name, "/")
	}
	if strings.HasSuffix(path, "/") {
		depth++
	}
	switch depth {
	case 0:
		return "console/", true
	case 1:
		return "./", true
	}
	return strings.Repeat("../", depth-1), true
}

func isPage(name string) bool {
	parts := strings.Split(name, "/")
	for _, page := range pages {
		if fits(strings.Split(page, "/"), parts) {
			return true
		}
	}
	return false
}

func fits(page, parts []string) bool {
	if len(page) != len(parts) {
		return false
	}
	for i, part := range parts {
		if page[i] != part && (page[i] != "*" || !isName(part)) {
			return false
		}
	}
	return true
}

// isName reports whether a segment can be an id or a service's name.
func isName(part string) bool {
	if part == "" || len(part) > 64 || strings.Trim(part, ".") == "" {
		return false
	}
	for _, c := range []byte(part) {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && !strings.ContainsRune("-._", rune(c)) {
			return false
		}
	}
	return true
}
