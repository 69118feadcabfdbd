package canonical

import (
	"net/netip"
	"net/url"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// Form is a body that is sent as application/x-www-form-urlencoded.
type Form interface {
	ReadForm(url.Values) []apikey.FieldError
}

// IntrospectionForm is the form of a token introspection (RFC 7662).
type IntrospectionForm struct {
	Token   wire.Secret `json:"token" wire:"required" doc:"The text of a key."`
	Hint    string      `json:"token_type_hint" doc:"Ignored: Keyward has one type of tokens."`
	Service string      `json:"service" doc:"The id of the service at which the key is used; not in RFC 7662. A key that is limited to services is active only if you name one of them."`
	Source  string      `json:"source" doc:"The IP address from which the key is used; not in RFC 7662. Without it, a key with allowIps is not active."`

	source netip.Addr
}

// ReadForm sets the form to the sent values. It ignores others, as RFC 6749 asks.
func (f *IntrospectionForm) ReadForm(sent url.Values) (faults []apikey.FieldError) {
	once := func(name string) string {
		if len(sent[name]) > 1 {
			faults = append(faults, apikey.FieldError{Field: name, Code: apikey.FieldConflict, Detail: name + " must be sent once."})
		}
		return sent.Get(name)
	}
	f.Token, f.Hint, f.Service, f.Source = wire.Secret(once("token")), once("token_type_hint"), once("service"), once("source")
	if f.Token == "" && len(sent["token"]) < 2 {
		faults = append(faults, apikey.FieldError{Field: "token", Code: apikey.FieldRequired, Detail: "token is required: the text of a key."})
	}
	var source Source
	if f.Source != "" {
		if err := source.UnmarshalText([]byte(f.Source)); err != nil {
			faults = append(faults, apikey.FieldError{Field: "source", Code: apikey.FieldValue, Detail: "source " + err.Error() + "."})
		}
		f.source = netip.Addr(source)
	}
	return faults
}

// Question returns the form as a question for the rules.
func (f *IntrospectionForm) Question() apikey.Question {
	return apikey.Question{Authorizations: []string{"Bearer " + string(f.Token)}, Source: f.source, Examination: apikey.Examination{Service: f.Service}}
}

// Introspected is the answer to a token introspection (RFC 7662). That of a key
// that cannot be used has active alone.
type Introspected struct {
	Active   bool   `json:"active" doc:"Whether the key can be used."`
	Scope    string `json:"scope,omitzero" doc:"The key's permissions that the service declares, with spaces between; without service, of all that the organization knows."`
	ClientID string `json:"client_id,omitzero" format:"uuid" doc:"The id of the key."`
	Type     string `json:"token_type,omitzero" enum:"Bearer" doc:"How a key is sent."`
	Expires  int    `json:"exp,omitzero" doc:"When this secret of the key stops working, in seconds since 1970. Absent if it has no end."`
	Issued   int    `json:"iat,omitzero" doc:"When this secret of the key was made, in seconds since 1970."`
	Subject  string `json:"sub,omitzero" format:"uuid" doc:"The id of the user that the key acts for or identifies as; otherwise that of the key."`
}

// FromIntrospection returns the answer about one key.
func FromIntrospection(v apikey.Verification) Introspected {
	if !v.Valid {
		return Introspected{}
	}
	i := Introspected{
		Active: true, Scope: strings.Join(v.Permissions, " "), ClientID: v.Key.ID.String(), Type: "Bearer", Issued: int(v.MadeOn.Unix()), Subject: v.Key.ID.String(),
	}
	if !v.User.IsZero() {
		i.Subject = v.User.String()
	}
	if !v.EndsOn.IsZero() {
		i.Expires = int(v.EndsOn.Unix())
	}
	return i
}
