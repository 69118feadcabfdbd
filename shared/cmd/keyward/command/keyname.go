package command

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// oneKey takes one argument: the id or the name of a key, and never its text. The error
// does not repeat what could be a part of a text.
func oneKey(_ *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] == "" {
		return failure.Usagef("pass one argument: the id or the name of the key, in quotes if it has spaces")
	}
	if likeSecret(args[0]) {
		return failure.Usagef("the argument looks like a part of a key's text, which goes into no argument: pass the id of the key, or its name; if it is the text, rotate the key")
	}
	return nil
}

var (
	// longRun is a run of letters and digits that is longer than words are.
	longRun = regexp.MustCompile(`[0-9A-Za-z]{20,}`)
	// body is such a run after a prefix.
	body = regexp.MustCompile(`_[0-9A-Za-z]{20,}`)
)

// likeSecret reports whether a name looks like the text of a key or a part of one, even
// if it is wrapped: it has a long run of letters and digits that follows an underscore,
// or that mixes small letters, capitals and digits.
func likeSecret(name string) bool {
	if body.MatchString(name) {
		return true
	}
	return slices.ContainsFunc(longRun.FindAllString(strings.Join(strings.Fields(name), ""), -1), func(run string) bool {
		return strings.ContainsAny(run, "0123456789") && strings.ToLower(run) != run && strings.ToUpper(run) != run
	})
}

type runner = func(*cobra.Command, []string) error

// byKey makes a command take the name of a key, too. It shows which key has the name
// before the command does anything with it.
func (p *program) byKey(act runner) runner {
	return func(c *cobra.Command, args []string) error {
		if _, err := uuid.Parse(args[0]); err == nil {
			return act(c, args)
		}
		key, err := p.named(c, args[0])
		if err != nil {
			return classify(c.Context(), err)
		}
		if name := c.Name(); name != "get" && name != "usage" && name != "propagation" {
			p.printer.Notef("%s is the key %s (%s).", key.Name, key.ID, key.RedactedAPIKey)
		}
		return act(c, []string{key.ID})
	}
}

// maxNamed is how many keys of one name an error lists.
const maxNamed = 10

// named returns the only key of a name: of the deleted ones, if the command restores.
// It returns an error if there is none, or if there are several.
func (p *program) named(c *cobra.Command, name string) (client.Key, error) {
	keyward, err := p.client()
	if err != nil {
		return client.Key{}, err
	}
	query := client.ListKeysParams{Name: name}
	kind := "key"
	if c.Name() == "restore" {
		set(&query.State, "deleted")
		kind = "deleted key"
	}
	var found []client.Key
	var ids []string
	for key, err := range first(maxNamed, keyward.Keys.All(c.Context(), &query)) {
		if err != nil {
			return client.Key{}, err
		}
		if _, err := uuid.Parse(key.ID); err != nil || !strings.EqualFold(key.Name, name) {
			return client.Key{}, failure.Outagef("the answer is not right: it has the key %q, which was not asked for; pass the id of a key", key.Name)
		}
		found, ids = append(found, key), append(ids, key.ID)
	}
	switch len(found) {
	case 0:
		return client.Key{}, failure.Refusedf("there is no %s with the id or the name %q; keyward keys list --search finds a part of a name", kind, name)
	case 1:
		return found[0], nil
	}
	return client.Key{}, failure.Refusedf("there are several keys with the name %q: pass the id of one, such as %s", name, strings.Join(ids, ", "))
}

// questionOf returns a question about a key, for a format that takes its id. It says so
// if the user is signed in with that key.
func (p *program) questionOf(id, format string) string {
	question := fmt.Sprintf(format, id)
	if p.direct.on {
		return question
	}
	if t, err := p.target(); err == nil {
		own, err := keytext.Parse(t.credential.Key.Reveal())
		if asked, _ := uuid.Parse(id); err == nil && own.ID() == asked {
			return "This is the key that you are signed in with. " + question
		}
	}
	return question
}
