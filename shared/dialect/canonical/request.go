package canonical

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// KeyBody is what POST and PUT take: all that a caller can write of a key.
type KeyBody struct {
	Name        string     `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string     `json:"description"`
	Type        string     `json:"type" enum:"service,personal,shared" doc:"service where it is absent. It cannot be changed."`
	Permissions *[]string  `json:"permissions" doc:"Names of permissions that the caller holds. Order and repeats do not matter. Required without policyId; a personal key has no more than these, or all of its user's where it is absent."`
	PolicyID    *Reference `json:"policyId" format:"uuid" doc:"In the place of permissions: the policy whose permissions the key has."`
	OnBehalfOf  *Reference `json:"onBehalfOf" format:"uuid" doc:"The user of a personal key, the caller where it is absent; or as whom a shared key is known."`
	Services    []string   `json:"services" doc:"Ids of the services that the key is limited to."`
	Enabled     *bool      `json:"enabled" doc:"true where it is absent."`
	NotBefore   *Moment    `json:"notBefore" format:"date-time"`
	ExpiresOn   *Moment    `json:"expiresOn" format:"date-time"`
	AllowIPs    []string   `json:"allowIps" doc:"Addresses and CIDR ranges, of IPv4 and IPv6."`
	Recoverable bool       `json:"recoverable" doc:"Keep an encrypted copy, for an organization that allows it. It cannot be changed."`
	ReadOnly
}

// KeyPatch is what PATCH takes. A member that is absent keeps what the key has;
// null clears it.
type KeyPatch struct {
	Name        *string    `json:"name"`
	Description *string    `json:"description" wire:"nullable"`
	Permissions *[]string  `json:"permissions" wire:"nullable" doc:"null takes all of them; of a personal key, it ends the narrowing."`
	PolicyID    *Reference `json:"policyId" format:"uuid" wire:"nullable"`
	OnBehalfOf  *Reference `json:"onBehalfOf" format:"uuid" wire:"nullable"`
	Services    *[]string  `json:"services" wire:"nullable"`
	Enabled     *bool      `json:"enabled"`
	NotBefore   *Moment    `json:"notBefore" format:"date-time" wire:"nullable"`
	ExpiresOn   *Moment    `json:"expiresOn" format:"date-time" wire:"nullable"`
	AllowIPs    *[]string  `json:"allowIps" wire:"nullable"`
	Type        struct{}   `json:"type" wire:"ignored"`
	Recoverable struct{}   `json:"recoverable" wire:"ignored"`
	ReadOnly
}

// ReadOnly names the members of an [APIKey] and of a [WhoAmI] that only Keyward
// writes. A caller
// may send back what it got: they are ignored, whatever they hold.
type ReadOnly struct {
	ID              struct{} `json:"id" wire:"ignored"`
	Text            struct{} `json:"apiKey" wire:"ignored"`
	Redacted        struct{} `json:"redactedApiKey" wire:"ignored"`
	PolicyName      struct{} `json:"policyName" wire:"ignored"`
	OnBehalfOfEmail struct{} `json:"onBehalfOfEmail" wire:"ignored"`
	OrgID           struct{} `json:"orgId" wire:"ignored"`
	User            struct{} `json:"user" wire:"ignored"`
	Record
}

// Record names what every record tells of itself and only Keyward writes.
type Record struct {
	CreatedBy      struct{} `json:"createdBy" wire:"ignored"`
	CreatedOn      struct{} `json:"createdOn" wire:"ignored"`
	LastModifiedBy struct{} `json:"lastModifiedBy" wire:"ignored"`
	LastModifiedOn struct{} `json:"lastModifiedOn" wire:"ignored"`
}

// Check finds what is wrong with the members together.
func (b KeyBody) Check() []apikey.FieldError {
	switch {
	case b.PolicyID != nil && b.Permissions != nil:
		return bothGrants()
	case b.PolicyID == nil && b.Permissions == nil && b.Type != string(apikey.TypePersonal):
		return []apikey.FieldError{{Field: "permissions", Code: apikey.FieldRequired, Detail: "permissions is required, or policyId."}}
	default:
		return nil
	}
}

// Check finds what is wrong with the members together. One of the two grants
// may be cleared while the other is set.
func (p KeyPatch) Check() []apikey.FieldError {
	if p.PolicyID != nil && *p.PolicyID != (Reference{}) && p.Permissions != nil && *p.Permissions != nil {
		return bothGrants()
	}
	return nil
}

func bothGrants() []apikey.FieldError {
	const detail = "A key has a policy or permissions, not both."
	return []apikey.FieldError{
		{Field: "policyId", Code: apikey.FieldConflict, Detail: detail},
		{Field: "permissions", Code: apikey.FieldConflict, Detail: detail},
	}
}

// Draft is the body in the rules' terms.
func (b KeyBody) Draft() apikey.Draft {
	draft := apikey.Draft{
		Name: b.Name, Description: b.Description, Type: apikey.KeyType(b.Type), Recoverable: b.Recoverable,
		Policy: orZero(b.PolicyID).id(), OnBehalfOf: orZero(b.OnBehalfOf).id(),
		Services: b.Services, Disabled: b.Enabled != nil && !*b.Enabled,
		NotBefore: time.Time(orZero(b.NotBefore)), ExpiresOn: time.Time(orZero(b.ExpiresOn)), AllowIPs: b.AllowIPs,
	}
	if b.Permissions != nil {
		draft.Permissions, draft.Narrowed = apikey.NewPermissions(*b.Permissions...), true
	}
	return draft
}

// Edit is the body in the rules' terms.
func (p KeyPatch) Edit() apikey.Edit {
	edit := apikey.Edit{
		Name: p.Name, Description: p.Description,
		Policy: (*keytext.ID)(p.PolicyID), OnBehalfOf: (*keytext.ID)(p.OnBehalfOf), Services: p.Services,
		NotBefore: (*time.Time)(p.NotBefore), ExpiresOn: (*time.Time)(p.ExpiresOn), AllowIPs: p.AllowIPs,
	}
	if p.Permissions != nil {
		set, narrowed := apikey.NewPermissions(*p.Permissions...), *p.Permissions != nil
		edit.Permissions, edit.Narrowed = &set, &narrowed
	}
	if p.Enabled != nil {
		disabled := !*p.Enabled
		edit.Disabled = &disabled
	}
	return edit
}

func (r Reference) id() keytext.ID { return keytext.ID(r) }

func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
