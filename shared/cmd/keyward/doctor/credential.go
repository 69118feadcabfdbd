package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/keytext"
)

// credential checks that there is one, and the form of a key.
func (p Patient) credential() Finding {
	if p.CredentialError != nil {
		code, known := failure.Code(p.CredentialError)
		if !known {
			code = failure.SignIn
		}
		detail, fix, found := strings.Cut(p.CredentialError.Error(), ": ")
		if !found {
			fix = "run keyward login"
		}
		return Finding{"credential", Wrong, detail, fix, code}
	}
	text := p.Key.Reveal()
	if text == "" {
		return Finding{Check: "credential", State: OK, Detail: "an access token of the issuer"}
	}
	key, err := keytext.Parse(text)
	if err != nil {
		return Finding{"credential", Wrong, fmt.Sprintf("this is not the text of a key: %s", misshapen(text)), "copy the whole key again, and sign in with it", failure.SignIn}
	}
	return Finding{Check: "credential", State: OK, Detail: "the key " + key.Redacted() + " has the right form and checksum"}
}

// misshapen returns what is wrong with the form of a key, without its text.
func misshapen(text string) string {
	body := text[strings.LastIndex(text, "_")+1:]
	switch {
	case !strings.Contains(text, "_"):
		return "it has no prefix and underscore"
	case len(body) != 66:
		return fmt.Sprintf("after the prefix it has %d characters instead of 66", len(body))
	}
	return "its checksum does not fit, so a character is wrong"
}

// signIn asks Keyward who the caller is.
func (p Patient) signIn(ctx context.Context) (*client.WhoAmI, Finding) {
	me, err := p.Client.Whoami(ctx)
	if err == nil {
		who := "the key " + me.RedactedAPIKey
		if me.User != nil {
			who = me.User.Email
		}
		return me, Finding{Check: "sign-in", State: OK, Detail: fmt.Sprintf("%s of the organization %s", who, me.OrgID)}
	}
	refused, answered := errors.AsType[*client.Error](err)
	switch {
	case !answered:
		if code, known := failure.Code(err); known && code == failure.SignIn {
			return nil, Finding{"sign-in", Wrong, "the sign-in has ended", "run keyward login again", failure.SignIn}
		}
		return nil, Finding{"sign-in", Wrong, "Keyward does not answer this request", "run keyward doctor again", failure.Outage}
	case refused.Status == http.StatusUnauthorized:
		return nil, Finding{"sign-in", Wrong, "Keyward does not accept the credential", "it is of another deployment or organization, deleted, disabled, expired or not yet valid, or its secret was rotated: " +
			"ask an administrator to look at it with keyward keys get, and sign in with a valid one", failure.SignIn}
	case refused.Status == http.StatusForbidden:
		return nil, Finding{"sign-in", Wrong, "the key is valid, but not from here: " + refused.Code, "look at the key's allowIps and services: this machine's address, or this API, is not among them", failure.Refused}
	}
	return nil, Finding{"sign-in", Wrong, fmt.Sprintf("Keyward answers %d %s", refused.Status, refused.Code),
		"wait a minute; if it stays, give the operator the request's id: " + refused.RequestID, failure.Outage}
}

// soon is how long before its end a key is worth a warning.
const soon = 7 * 24 * time.Hour

func (p Patient) expiry(me *client.WhoAmI) []Finding {
	if left := me.ExpiresOn.Sub(p.Now()); !me.ExpiresOn.IsZero() && left < soon {
		return []Finding{{Check: "expiry", State: Warning, Detail: "the key expires on " + me.ExpiresOn.UTC().Format(time.RFC3339), Fix: "have its expiry changed, or create another"}}
	}
	return nil
}

// duties are what Keyward's own permissions are for. Any one of each opens it.
var duties = []struct {
	what string
	any  []string
}{
	{"manage keys", []string{"AdministerApiKeys", "ManageApiKeys"}},
	{"verify keys", []string{"VerifyApiKeys"}},
	{"manage policies", []string{"AdministerPolicies"}},
	{"manage users", []string{"AdministerUsers"}},
	{"manage services", []string{"AdministerServices"}},
	{"read the audit log", []string{"ViewAuditEvents"}},
}

// permissions checks those that are needed; otherwise it tells what is missing.
func (p Patient) permissions(me *client.WhoAmI) []Finding {
	var findings []Finding
	for _, needed := range p.Permissions {
		if !slices.Contains(me.Permissions, needed) {
			findings = append(findings, Finding{"permission", Wrong, needed + " is missing", "ask somebody who holds it to grant it: keyward keys update ID --permission", failure.Refused})
		}
	}
	if len(p.Permissions) > 0 {
		if findings == nil {
			findings = []Finding{{Check: "permission", State: OK, Detail: "you hold " + strings.Join(p.Permissions, ", ")}}
		}
		return findings
	}
	var may, not []string
	for _, duty := range duties {
		if slices.ContainsFunc(duty.any, func(name string) bool { return slices.Contains(me.Permissions, name) }) {
			may = append(may, duty.what)
		} else {
			not = append(not, fmt.Sprintf("%s (%s)", duty.what, strings.Join(duty.any, " or ")))
		}
	}
	detail := "you may " + strings.Join(may, ", ")
	if may == nil {
		detail = "you hold none of Keyward's own permissions"
	}
	if not == nil {
		return []Finding{{Check: "permission", State: OK, Detail: detail}}
	}
	return []Finding{{Check: "permission", State: OK, Detail: detail + "; not " + strings.Join(not, ", ")}}
}
