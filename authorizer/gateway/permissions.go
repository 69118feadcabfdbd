package gateway

import (
	"slices"
	"sync"

	"github.com/keyward/keyward/shared/identity"
)

// appendPermissions writes permissions into a JSON string, in the form that
// package identity reads.
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

// compacted is of the whole process: what stands for a set is the same for all.
var compacted compactTexts

// compactTexts remembers the compact texts of the sets that were written last,
// since it takes a hash of every name to make one. Callers with that many
// permissions are few, and have theirs from the same policies and roles. It is
// safe for concurrent use.
type compactTexts struct {
	mu   sync.RWMutex
	made [32]struct {
		names []string
		text  string
	}
	next int
}

// text is the compact text of names, which must not be changed any more.
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
