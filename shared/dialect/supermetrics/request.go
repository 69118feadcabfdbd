package supermetrics

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// KeyBody creates a key.
type KeyBody struct {
	Type        string         `json:"key_type" wire:"nullable" enum:"query,user" doc:"query creates a shared key; user creates a key that acts as behalf_of_user_id. Without it, the key's type is none."`
	Description string         `json:"description" wire:"nullable"`
	ScopeNames  wire.OneOrMany `json:"scope_names" wire:"nullable" doc:"Names of services' permissions that the caller holds. Keyward's own permissions are not scopes. Default: none."`
	AllowIPs    wire.OneOrMany `json:"allow_ips" wire:"nullable" least:"1" doc:"The IPv4 addresses and CIDR ranges that the key can be used from. Default: any address."`
	Enabled     *bool          `json:"is_enabled" doc:"false creates the key disabled. Default: true."`
	BehalfOf    string         `json:"behalf_of_user_id" wire:"nullable" doc:"The id of the user that the key identifies as. Default for a key of type user: the caller, if that is a user."`
	Recoverable bool           `json:"is_recoverable" doc:"Whether to keep an encrypted copy of the value, for show_key_value. Keyward's addition to the format. Default: false."`
	ReadOnly
}

// KeyPatch changes a key. An absent member keeps its value; null clears it.
type KeyPatch struct {
	Description *string         `json:"description" wire:"nullable"`
	ScopeNames  *wire.OneOrMany `json:"scope_names" wire:"nullable"`
	AllowIPs    *wire.OneOrMany `json:"allow_ips" wire:"nullable" doc:"The IPv4 addresses and CIDR ranges that the key can be used from. null allows every address. An empty list changes nothing: it is how a key without a limit is shown."`
	Enabled     *bool           `json:"is_enabled"`
	BehalfOf    *string         `json:"behalf_of_user_id" wire:"nullable" doc:"The id of the user that the key identifies as. null removes the user and disables a key of type user, which cannot be enabled until it has a user again."`
	Type        struct{}        `json:"key_type" wire:"ignored"`
	ReadOnly
}

// ReadOnly names the members of [Key] that only Keyward writes. A caller may
// send back what it received, so their values are ignored.
type ReadOnly struct {
	Kind        struct{} `json:"@type" wire:"ignored"`
	ID          struct{} `json:"api_key_id" wire:"ignored"`
	CreatedTime struct{} `json:"created_time" wire:"ignored"`
	Start       struct{} `json:"key_start" wire:"ignored"`
	Value       struct{} `json:"key_value" wire:"ignored"`
	User        struct{} `json:"behalf_of_user_info" wire:"ignored"`
}

// The names of members in faults.
const (
	typeField   = "key_type"
	allowField  = "allow_ips"
	behalfField = "behalf_of_user_id"
)

// Draft returns the body as a draft for the rules, and its faults.
func (b KeyBody) Draft() (apikey.Draft, []apikey.FieldError) {
	draft := apikey.Draft{
		Nameless: true, Type: apikey.TypeShared, Description: b.Description,
		Permissions: permission.NewSet(b.ScopeNames...), AllowIPs: b.AllowIPs,
		IPv4Only: true, LongestLife: true, DeclaredOnly: true, Disabled: b.Enabled != nil && !*b.Enabled, Recoverable: b.Recoverable,
	}
	var faults []apikey.FieldError
	if b.AllowIPs != nil && len(b.AllowIPs) == 0 {
		faults = append(faults, fault(allowField, apikey.FieldAddress, "An empty list allows no address. Leave allow_ips out to allow every one."))
	}
	switch b.Type {
	case "":
	case TypeQuery:
		draft.Listed = true
	case TypeUser:
		draft.Type, draft.Narrowed = apikey.TypePersonal, true
	default:
		faults = append(faults, fault(typeField, apikey.FieldValue, "key_type must be query or user."))
	}
	var unknown []apikey.FieldError
	draft.OnBehalfOf, unknown = user(b.BehalfOf)
	return draft, append(faults, unknown...)
}

// Edit returns the body as an edit for the rules, and its faults.
func (p KeyPatch) Edit() (apikey.Edit, []apikey.FieldError) {
	edit := apikey.Edit{Description: p.Description}
	var faults []apikey.FieldError
	if p.ScopeNames != nil {
		set := permission.NewSet(*p.ScopeNames...)
		edit.Permissions, edit.DeclaredOnly = &set, true
	}
	switch {
	case p.AllowIPs == nil:
	case *p.AllowIPs != nil && len(*p.AllowIPs) == 0:
		// A key without a limit is shown so, and what is shown can be sent back.
		edit.AnyAddress = true
	default:
		list := []string(*p.AllowIPs)
		edit.AllowIPs, edit.IPv4Only = &list, true
	}
	if p.Enabled != nil {
		disabled := !*p.Enabled
		edit.Disabled = &disabled
	}
	if p.BehalfOf != nil {
		id, unknown := user(*p.BehalfOf)
		edit.OnBehalfOf, faults = &id, append(faults, unknown...)
	}
	return edit, faults
}

// user parses a user's id; empty text names nobody. Text that cannot be an id
// names a user who does not exist.
func user(text string) (uuid.UUID, []apikey.FieldError) {
	if text == "" {
		return uuid.UUID{}, nil
	}
	id, err := ParseUserID(text)
	if err != nil {
		return id, []apikey.FieldError{fault(behalfField, apikey.FieldUser, "There is no such user.")}
	}
	return id, nil
}

func fault(field string, code apikey.FieldCode, detail string) apikey.FieldError {
	return apikey.FieldError{Field: field, Code: code, Detail: detail}
}
