package canonical

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/routing"
)

// VerifyBody is the body of a question whether keys may do something.
type VerifyBody struct {
	Key            *wire.Secret  `json:"key" wire:"set" doc:"The text of a key."`
	Authorization  *wire.Secret  `json:"authorization" wire:"set" doc:"Instead of key: the value of an Authorization header, exactly as it came."`
	Keys           []wire.Secret `json:"keys" wire:"set" doc:"Instead of key: the texts of 1 to 100 keys. The answer then has results, in the same order."`
	Authorizations []wire.Secret `json:"authorizations" wire:"set" doc:"Instead of key: 1 to 100 values of Authorization headers."`
	Permission     *string       `json:"permission" wire:"set" doc:"What the key must hold. Without permission and without method, the answer tells whether the key can be used at all."`
	Service        *string       `json:"service" wire:"set" doc:"The id of the service at which the key is used. A key that is limited to services is valid only if you name one of them."`
	Method         *string       `json:"method" wire:"set" enum:"DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT" doc:"Instead of permission: the HTTP method of a request to service, in capitals, such as GET."`
	Route          *string       `json:"route" wire:"set" doc:"With method: the path template of a registered route, such as /v1/files/{id}. Its parameters may have other names."`
	Path           *string       `json:"path" wire:"set" doc:"Instead of route: the path of the request, such as /v1/files/7, as a REST API gets it."`
	Source         *Source       `json:"source" doc:"The IP address from which the key is used. Without it, a key with allowIps is not valid."`
	Explain        bool          `json:"explain" doc:"true adds an explanation to the answer. The caller needs AdministerApiKeys for that."`
}

// Source is the address of a caller, in a request.
type Source netip.Addr

// UnmarshalText parses an address. Its error is for the caller.
func (s *Source) UnmarshalText(text []byte) error {
	address, err := netip.ParseAddr(string(text))
	if err != nil || address.Zone() != "" {
		return errors.New("must be an IPv4 or IPv6 address, such as 192.0.2.1")
	}
	*s = Source(address.Unmap())
	return nil
}

// Check returns the faults that span members, and those of the keys' texts.
func (b VerifyBody) Check() []apikey.FieldError {
	faults := append(b.checkKeys(), b.checkAsked()...)
	if text := b.Key; text != nil {
		faults = append(faults, spaceless("key", *text)...)
	}
	for i, text := range b.Keys {
		faults = append(faults, spaceless(fmt.Sprintf("keys[%d]", i), text)...)
	}
	return faults
}

// checkKeys refuses anything but one way of sending keys, and a list that is empty
// or too long.
func (b VerifyBody) checkKeys() (faults []apikey.FieldError) {
	var ways []string
	for _, way := range []struct {
		field string
		sent  bool
	}{{"key", b.Key != nil}, {"authorization", b.Authorization != nil}, {"keys", b.Keys != nil}, {"authorizations", b.Authorizations != nil}} {
		if way.sent {
			ways = append(ways, way.field)
		}
	}
	if len(ways) == 0 {
		return []apikey.FieldError{{Field: "key", Code: apikey.FieldRequired, Detail: "Send key, authorization, keys or authorizations."}}
	}
	if len(ways) > 1 {
		faults = exclusive(ways...)
	}
	faults = append(faults, sized("keys", b.Keys)...)
	return append(faults, sized("authorizations", b.Authorizations)...)
}

// sized refuses a list that is empty or too long.
func sized(field string, list []wire.Secret) []apikey.FieldError {
	switch {
	case list != nil && len(list) == 0:
		return []apikey.FieldError{{Field: field, Code: apikey.FieldValue, Detail: field + " must not be empty. Send 1 to 100 elements."}}
	case len(list) > apikey.MaxExamined:
		return []apikey.FieldError{{Field: field, Code: apikey.FieldTooLong, Detail: fmt.Sprintf("%s has %d elements. Send at most %d.", field, len(list), apikey.MaxExamined)}}
	}
	return nil
}

// checkAsked refuses a request that is not whole, and one together with a
// permission. It refuses what is empty, such as a variable that is not set: less
// would be asked than is meant.
func (b VerifyBody) checkAsked() (faults []apikey.FieldError) {
	for _, sent := range []struct {
		field string
		text  *string
	}{{"permission", b.Permission}, {"service", b.Service}, {"method", b.Method}, {"route", b.Route}, {"path", b.Path}} {
		if sent.text != nil && *sent.text == "" {
			faults = append(faults, apikey.FieldError{Field: sent.field, Code: apikey.FieldValue, Detail: sent.field + " must not be empty. Leave it out if it is not meant."})
		}
	}
	if len(faults) > 0 {
		return faults
	}
	need := func(field, detail string) {
		faults = append(faults, apikey.FieldError{Field: field, Code: apikey.FieldRequired, Detail: detail})
	}
	if b.Permission != nil && b.Method != nil {
		faults = append(faults, exclusive("permission", "method")...)
	}
	if b.Route != nil && b.Path != nil {
		faults = append(faults, exclusive("route", "path")...)
	}
	switch somewhere := b.Route != nil || b.Path != nil; {
	case b.Method == nil && somewhere:
		need("method", "Send method with route or path.")
	case b.Method != nil && !somewhere:
		need("route", "Send route or path with method.")
	}
	if b.Method == nil {
		return faults
	}
	if b.Service == nil {
		need("service", "Send service with method: its routes decide.")
	}
	if !slices.Contains(routing.Methods(), *b.Method) {
		faults = append(faults, apikey.FieldError{Field: "method", Code: apikey.FieldValue, Detail: "method must be one of " + strings.Join(routing.Methods(), ", ") + "."})
	}
	return faults
}

// exclusive returns a fault for each of the fields, of which only one may be sent.
func exclusive(fields ...string) (faults []apikey.FieldError) {
	for _, field := range fields {
		faults = append(faults, apikey.FieldError{Field: field, Code: apikey.FieldConflict, Detail: "Send only one of " + strings.Join(fields, ", ") + "."})
	}
	return faults
}

// spaceless refuses a key text with white space, which comes from a faulty copy or
// from an Authorization value.
func spaceless(field string, text wire.Secret) []apikey.FieldError {
	white := func(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' || r == '\u00a0' }
	if !strings.ContainsFunc(string(text), white) {
		return nil
	}
	return []apikey.FieldError{{Field: field, Code: apikey.FieldCharacters, Detail: field + " must be the text of a key alone, without white space. Send the value of a header as authorization."}}
}

// Listed reports whether the answer has results.
func (b VerifyBody) Listed() bool { return b.Keys != nil || b.Authorizations != nil }

// Question returns the body as a question for the rules.
func (b VerifyBody) Question() apikey.Question {
	q := apikey.Question{Source: netip.Addr(orZero(b.Source)), Examination: apikey.Examination{
		Service: orZero(b.Service), Method: orZero(b.Method), Route: orZero(b.Route), Path: orZero(b.Path), Permission: orZero(b.Permission), Explained: b.Explain,
	}}
	texts, headers := b.Keys, b.Authorizations
	if b.Key != nil {
		texts = []wire.Secret{*b.Key}
	}
	if b.Authorization != nil {
		headers = []wire.Secret{*b.Authorization}
	}
	for _, text := range texts {
		q.Authorizations = append(q.Authorizations, "Bearer "+string(text))
	}
	for _, header := range headers {
		q.Authorizations = append(q.Authorizations, string(header))
	}
	return q
}

// Verified is the answer to a question about one key, or about a list.
type Verified struct {
	Verification
	Results []Verification `json:"results,omitzero" doc:"The answer about each key of a list, in its order. valid says whether all are."`
}

// Verification is the answer about one key.
type Verification struct {
	Valid         bool         `json:"valid" doc:"Whether the key may do what was asked. Anything but true means no."`
	Code          string       `json:"code,omitzero" enum:"CREDENTIAL_MISSING,CREDENTIAL_MALFORMED,KEY_UNKNOWN,SECRET_WRONG,SECRET_RETIRED,PEPPER_RETIRED,KEY_DISABLED,KEY_DELETED,KEY_NOT_YET_VALID,KEY_EXPIRED,GRANT_GONE,ORGANIZATION_SUSPENDED,TOKEN_REFUSED,USER_UNKNOWN,ORGANIZATION_HOST,SOURCE_NOT_ALLOWED,SERVICE_NOT_REGISTERED,ORGANIZATION_NOT_SERVED,SERVICE_NOT_ALLOWED,ROUTE_NOT_REGISTERED,PERMISSION_MISSING,GATEWAY_CACHE" doc:"Why the key is not valid: a code of the authorizer. A key of another organization is KEY_UNKNOWN, like one that does not exist."`
	KeyID         string       `json:"keyId,omitzero" format:"uuid" doc:"The id of the key, if the text is a secret of it, even an ended one."`
	OrgID         string       `json:"orgId,omitzero" doc:"The organization of that key."`
	Type          string       `json:"type,omitzero" enum:"service,personal,shared" doc:"The type of that key."`
	UserID        string       `json:"userId,omitzero" format:"uuid" doc:"The user that a valid key acts for or identifies as."`
	UserByDefault bool         `json:"userByDefault,omitzero" doc:"true if userId only represents the organization, because a shared key names no user: show it, but decide nothing by it. Otherwise absent."`
	Permissions   []string     `json:"permissions,omitzero" doc:"What a valid key holds of what the service declares; without service, of everything that the organization knows."`
	ExpiresOn     string       `json:"expiresOn,omitzero" format:"date-time" doc:"When this secret of the key stops working. Absent if it has no end."`
	TTLSeconds    int          `json:"ttlSeconds" doc:"For how long a valid answer may be used again for the same question, counted from when that was sent. 0 for one that is not valid."`
	Explanation   *Explanation `json:"explanation,omitzero" doc:"Why, if explain was true."`
}

// Explanation says why a key is valid or not.
type Explanation struct {
	Rule   string `json:"rule" doc:"The rule that decided."`
	Change string `json:"change,omitzero" doc:"What would have to change. Absent for a valid key."`
}

// FromVerifications returns the answers about keys; those of a list have one more
// level.
func FromVerifications(all []apikey.Verification, listed bool) Verified {
	if !listed {
		return Verified{Verification: fromVerification(all[0])}
	}
	v := Verified{Verification: Verification{Valid: true}}
	for i, one := range all {
		v.Results = append(v.Results, fromVerification(one))
		if !one.Valid {
			v.Valid = false
		}
		if seconds := v.Results[i].TTLSeconds; i == 0 || seconds < v.TTLSeconds {
			v.TTLSeconds = seconds
		}
	}
	return v
}

func fromVerification(v apikey.Verification) Verification {
	w := Verification{
		Valid: v.Valid, Code: v.Code, KeyID: v.Key.ID.String(), OrgID: string(v.Key.Org), UserID: v.User.String(), UserByDefault: v.UserByDefault,
		Permissions: v.Permissions, ExpiresOn: Time(v.EndsOn), TTLSeconds: int(v.TTL.Seconds()),
	}
	if v.Key.Org != "" {
		w.Type = string(cmp.Or(v.Key.Type, apikey.TypeService))
	}
	if v.Rule != "" {
		w.Explanation = &Explanation{v.Rule, v.Change}
	}
	return w
}
