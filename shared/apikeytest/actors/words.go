package actors

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// tell adds a line to the trace, indented below the running call, and returns
// its index.
func (e *episode) tell(format string, args ...any) int {
	e.trace = append(e.trace, strings.Repeat("  | ", len(e.calls))+fmt.Sprintf(format, args...))
	return len(e.trace) - 1
}

// teller describes the caller for the trace.
func (e *episode) teller(c *call) string {
	switch {
	case c.person == nil:
		return "the operator"
	case c.key != nil && c.scoped:
		return c.person.name + ", with scopes, with " + c.key.Name + ","
	case c.key != nil:
		return c.person.name + ", with " + c.key.Name + ","
	}
	return c.person.name + ", as " + c.user.Name + ","
}

// outcome returns an error in a few words.
func outcome(err error) string {
	if e, ok := errors.AsType[*apikey.Error](err); ok && len(e.Fields) > 0 {
		return e.Fields[0].Detail
	}
	return err.Error()
}

func (w *world) keyName(id uuid.UUID) string {
	if k := w.key(id); k != nil {
		return k.Name
	}
	return "a key of nobody here"
}

func (w *world) policyName(id uuid.UUID) string {
	if p := the(w.policies, func(p *policy) bool { return p.ID == id }); p != nil {
		return p.Name
	}
	return "none"
}

// nameOf returns the name of a user.
func (w *world) nameOf(id uuid.UUID) string {
	if u := w.user(id); u != nil {
		return u.Name
	}
	return "nobody"
}

// describe describes the key of a draft for the trace.
func (w *world) describe(d apikey.Draft) string {
	words := []string{fmt.Sprintf("%s, a %s key", d.Name, cmp.Or(d.Type, apikey.TypeService))}
	say := func(when bool, format string, args ...any) {
		if when {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	say(!d.OnBehalfOf.IsZero(), "on behalf of %s", w.nameOf(d.OnBehalfOf))
	say(d.Narrowed, "narrowed")
	say(len(d.Permissions) > 0, "with %v", d.Permissions)
	say(!d.Policy.IsZero(), "with policy %s", w.policyName(d.Policy))
	say(!d.NotBefore.IsZero(), "not before %s", clockTime(d.NotBefore))
	say(!d.ExpiresOn.IsZero(), "until %s", clockTime(d.ExpiresOn))
	say(len(d.AllowIPs) > 0, "from %v", d.AllowIPs)
	say(len(d.Services) > 0, "for services %v", d.Services)
	say(d.Disabled, "disabled")
	return strings.Join(words, ", ")
}

// describeUser describes the user of a draft for the trace.
func (w *world) describeUser(d apikey.UserDraft) string {
	text := fmt.Sprintf("%s, %s, with %v", d.Email, d.Role, d.Permissions)
	if !d.Policy.IsZero() {
		text += ", with policy " + w.policyName(d.Policy)
	}
	return text
}

func clockTime(at time.Time) string {
	if at.IsZero() {
		return "ever"
	}
	return at.Format("2 Jan 15:04")
}
