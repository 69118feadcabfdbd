package question

import (
	"net/http"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/routing"
	"github.com/keyward/keyward/shared/verify"
)

// reason is a rule that decides against a key, and what would have to change.
type reason struct{ rule, change string }

// reasons explain the codes that need no more than a sentence.
var reasons = map[verify.Code]reason{
	verify.CredentialMissing:   {"The text is empty.", "Send the text of a key."},
	verify.CredentialMalformed: {"The text is not that of a key: its scheme, form or checksum is wrong.", "Send the whole key, exactly as it was shown when it was made."},
	verify.KeyUnknown:          {"The organization has no key with this id.", "Send a key of the organization, or create one."},
	verify.SecretWrong:         {"The key exists, but this is none of its secrets.", "Send the key's current text, or rotate the key and use the new one."},
	verify.SecretRetired:       {"The key was rotated, and this earlier secret of it has ended.", "Send the key's current text."},
	verify.PepperRetired:       {"The secret's digest is under a pepper that an operator has retired.", "Rotate the key and use the new text."},
	verify.KeyDisabled:         {"The key is disabled.", "Enable the key."},
	verify.KeyDeleted:          {"The key was deleted.", "Restore the key, and enable it."},
	verify.GrantGone:           {"The key's policy or user no longer exists.", "Give the key another policy, or create a new key."},

	verify.OrganizationSuspended: {"The organization is suspended.", "An operator must end the suspension."},
}

// explain returns why a question was answered so, and what would have to change
// for the key to be valid; nothing has to for one that is.
func explain(r verify.Request, d verify.Decision, key apikey.Key, service apikey.Service) (rule, change string) {
	if simple, known := reasons[d.Code]; known {
		return simple.rule, simple.change
	}
	switch d.Code {
	case "":
		if d.Use.Permission != "" {
			return "The key can be used, and holds " + d.Use.Permission + ".", ""
		}
		return "The key can be used, and no permission is needed.", ""
	case verify.KeyNotYetValid:
		return "The key is refused before its notBefore, " + moment(key.NotBefore) + ".", "Wait until then, or set an earlier notBefore."
	case verify.KeyExpired:
		return "The key expired at its expiresOn, " + moment(key.ExpiresOn) + ".", "Set a later expiresOn, or create a new key."
	case verify.SourceNotAllowed:
		if !r.Source.IsValid() {
			return "The key has allowIps, and the source is unknown.", "Send source, the address from which the key is used."
		}
		return "No entry of the key's allowIps contains " + r.Source.String() + ".", "Use the key from another address, or add this one to allowIps."
	case verify.ServiceNotAllowed:
		if service.ID == "" {
			return "The key is limited to services, and the question names none.", "Send service."
		}
		return "The service is not among those that the key is limited to.", "Add " + service.ID + " to the key's services."
	case verify.RouteNotRegistered:
		return "The service lists no route for this request, and refuses unlisted ones.", "Register the route with the service."
	case verify.PermissionMissing:
		needed := strings.Join(neededBy(r, d.Template, service), ", ")
		return "The key holds none of the permissions that this needs: " + needed + ".", "Grant the key one of them, through what it has its permissions from."
	}
	return "The authorizer's rule " + string(d.Code) + " decided.", ""
}

// neededBy returns the permissions of which a registered route needs one. An
// unlisted HEAD has the route of its GET.
func neededBy(r verify.Request, template string, service apikey.Service) []string {
	if r.Instead != nil {
		return r.Instead.Permissions
	}
	table := routing.NewTable(service.Routes)
	for _, method := range []string{r.Method, http.MethodGet} {
		if route := table.Route(method, template); route != nil {
			return route.Permissions
		}
	}
	return nil
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
