package gateway

import (
	"slices"
	"sync"

	"github.com/keyward/keyward/shared/identity"
)

// appendPermissions appends permissions as a JSON string in the format that
// package identity parses.
func appendPermissions(into []byte, names []string) []byte {
	if identity.IsCompact(names) {
		return append(into, compacted.text(names)...)
	}
	begin := len(into)
	into = identity.Append(into, names)
	if written := into[begin:]; hasSpecial(written) {
		return appendText(into[:begin], string(written))
	}
	return into
}

// compacted serves the whole process, because a set always has the same text.
var compacted compactTexts

// compactTexts caches the compact texts of recently written sets, because making
// one hashes every name. Few callers have that many permissions, and they get
// them from the same policies and roles. It is safe for concurrent use.
type compactTexts struct {
	mu   sync.RWMutex
	made [32]struct {
		names []string
		text  string
	}
	next int
}

// text returns the compact text of names, which must not be modified afterwards.
func (c *compactTexts) text(names []string) string {
	if text, known := c.find(names); known {
		return text
	}
	text := string(identity.Append(nil, names))
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made[c.next].names, c.made[c.next].text = names, text
	c.next = (c.next + 1) % len(c.made)
	return text
}

func (c *compactTexts) find(names []string) (text string, known bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i := range c.made {
		if slices.Equal(c.made[i].names, names) {
			return c.made[i].text, true
		}
	}
	return "", false
}
