package canonical

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Limits are the members of a change that limit when, where and as whom a key
// can be used. An absent member keeps its value with every method, so that an
// omission never removes a protection. Null removes it.
type Limits struct {
	OnBehalfOf *Reference `json:"onBehalfOf" format:"uuid" wire:"nullable" doc:"The id of the user that a personal key acts as, or that a shared key names. If absent, it stays. null removes the user and disables a personal key, which cannot be enabled until it has a user again."`
	Services   *[]string  `json:"services" wire:"nullable" least:"1" doc:"The ids of the services that the key is limited to. If absent, the limit stays. null removes it."`
	Enabled    **bool     `json:"enabled" wire:"nullable" doc:"false disables the key. If absent, this stays. null means true."`
	NotBefore  *Moment    `json:"notBefore" format:"date-time" wire:"nullable" doc:"The key is refused before this time. If absent, the limit stays. null removes it."`
	ExpiresOn  *Moment    `json:"expiresOn" format:"date-time" wire:"nullable" doc:"The key is refused from this time on. If absent, the limit stays. null removes it."`
	AllowIPs   *[]string  `json:"allowIps" wire:"nullable" least:"1" doc:"The IPv4 and IPv6 addresses and CIDR ranges that the key can be used from. If absent, the limit stays. null removes it."`
}

// KeyPutBody is the body of PUT: everything a caller can write about a key. It
// replaces the key's name, description and grants; absent [Limits] stay.
type KeyPutBody struct {
	Name        string     `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string     `json:"description" doc:"A text for people. Default: empty."`
	Type        string     `json:"type" enum:"service,personal,shared" doc:"The key's type. It cannot be changed: send the current type, or leave it out."`
	Permissions *[]string  `json:"permissions" wire:"nullable" doc:"Names of permissions. The caller must hold those that the key does not have yet. Required unless you send policyId, or type is personal. For a personal key, they stay if absent, and null gives it all permissions of its user."`
	PolicyID    *Reference `json:"policyId" format:"uuid" wire:"nullable" doc:"Instead of permissions: the id of the policy whose permissions the key has."`
	Recoverable struct{}   `json:"recoverable" wire:"ignored"`
	Limits
	ReadOnly
}

// KeyPatch is the body of PATCH. An absent member keeps its value; null clears
// it.
type KeyPatch struct {
	Name        *string    `json:"name" wire:"set"`
	Description *string    `json:"description" wire:"nullable"`
	Permissions *[]string  `json:"permissions" wire:"nullable" doc:"Names of permissions. null removes them all; a personal key then has all permissions of its user."`
	PolicyID    *Reference `json:"policyId" format:"uuid" wire:"nullable"`
	Type        struct{}   `json:"type" wire:"ignored"`
	Recoverable struct{}   `json:"recoverable" wire:"ignored"`
	Limits
	ReadOnly
}

// Check returns the faults that span members.
func (b KeyPutBody) Check() []apikey.FieldError {
	policy, permissions := given(b.PolicyID, b.Permissions)
	return append(b.faults(), oneGrant(b.Type, policy, permissions)...)
}

// Check returns the faults that span members. One of the two grants may be
// cleared while the other is set.
func (p KeyPatch) Check() []apikey.FieldError {
	faults := p.faults()
	if policy, permissions := given(p.PolicyID, p.Permissions); policy && permissions {
		faults = append(faults, oneGrant("", policy, permissions)...)
	}
	return faults
}

// given reports which of the two grants are neither absent nor null.
func given(policy *Reference, permissions *[]string) (byPolicy, direct bool) {
	return policy != nil && *policy != Reference{}, permissions != nil && *permissions != nil
}

func (l Limits) faults() []apikey.FieldError {
	return append(notEmpty("services", orZero(l.Services), "send null"), notEmpty("allowIps", orZero(l.AllowIPs), "send null")...)
}

// Edit returns the body as an edit for the rules.
func (b KeyPutBody) Edit() apikey.Edit {
	edit := b.edit(b.PolicyID, b.Permissions)
	edit.Name, edit.Description, edit.Type = &b.Name, &b.Description, apikey.KeyType(b.Type)
	if _, direct := given(b.PolicyID, b.Permissions); direct {
		edit.Policy = new(uuid.UUID)
	}
	return edit
}

// Edit returns the body as an edit for the rules.
func (p KeyPatch) Edit() apikey.Edit {
	edit := p.edit(p.PolicyID, p.Permissions)
	edit.Name, edit.Description = p.Name, p.Description
	return edit
}

// edit returns the limits and the two grants as an edit for the rules. Naming a
// personal key's permissions narrows the key, even to none; null removes the
// restriction.
func (l Limits) edit(policy *Reference, permissions *[]string) apikey.Edit {
	edit := apikey.Edit{
		Policy: (*uuid.UUID)(policy), OnBehalfOf: (*uuid.UUID)(l.OnBehalfOf), Services: l.Services,
		NotBefore: (*time.Time)(l.NotBefore), ExpiresOn: (*time.Time)(l.ExpiresOn), AllowIPs: l.AllowIPs,
	}
	if l.Enabled != nil {
		disabled := *l.Enabled != nil && !**l.Enabled
		edit.Disabled = &disabled
	}
	if permissions != nil {
		set, narrowed := permission.NewSet(*permissions...), *permissions != nil
		edit.Permissions, edit.Narrowed = &set, &narrowed
	}
	return edit
}

func (r Reference) id() uuid.UUID { return uuid.UUID(r) }
