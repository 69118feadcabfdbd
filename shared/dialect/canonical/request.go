package canonical

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
)

// KeyBody is the body of POST: everything a caller can write about a key.
type KeyBody struct {
	Name        string     `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string     `json:"description"`
	Type        string     `json:"type" enum:"service,personal,shared" doc:"personal acts as its user; shared names a user as a label. Default: service. It cannot be changed later."`
	Permissions *[]string  `json:"permissions" doc:"Names of permissions that the caller holds, in any order. Required unless you send policyId, or type is personal. A personal key has at most these of its user's permissions; without this field it has all of them."`
	PolicyID    *Reference `json:"policyId" format:"uuid" doc:"Instead of permissions: the id of the policy whose permissions the key has."`
	OnBehalfOf  *Reference `json:"onBehalfOf" format:"uuid" doc:"The id of the user that a personal key acts as, or that a shared key names. Default for a personal key: the caller."`
	Services    []string   `json:"services" least:"1" doc:"The ids of the services that the key is limited to. Default: all services."`
	Enabled     *bool      `json:"enabled" doc:"false creates the key disabled. Default: true."`
	NotBefore   *Moment    `json:"notBefore" format:"date-time"`
	ExpiresOn   *Moment    `json:"expiresOn" format:"date-time"`
	AllowIPs    []string   `json:"allowIps" least:"1" doc:"The IPv4 and IPv6 addresses and CIDR ranges that the key can be used from. Default: any address."`
	Recoverable bool       `json:"recoverable" doc:"Whether to keep an encrypted copy of the key, so that it can be revealed. The organization must allow it. Default: false. It cannot be changed later."`
	ReadOnly
}

// ReadOnly names the members of [APIKey] and [WhoAmI] that only Keyward writes.
// A caller may send back what it received, so their values are ignored.
type ReadOnly struct {
	ID              struct{} `json:"id" wire:"ignored"`
	Text            struct{} `json:"apiKey" wire:"ignored"`
	Redacted        struct{} `json:"redactedApiKey" wire:"ignored"`
	PolicyName      struct{} `json:"policyName" wire:"ignored"`
	OnBehalfOfEmail struct{} `json:"onBehalfOfEmail" wire:"ignored"`
	OrgID           struct{} `json:"orgId" wire:"ignored"`
	User            struct{} `json:"user" wire:"ignored"`
	LastUsedOn      struct{} `json:"lastUsedOn" wire:"ignored"`
	LastUsedFrom    struct{} `json:"lastUsedFrom" wire:"ignored"`
	Record
}

// Record names the members of every record that only Keyward writes.
type Record struct {
	CreatedBy      struct{} `json:"createdBy" wire:"ignored"`
	CreatedOn      struct{} `json:"createdOn" wire:"ignored"`
	LastModifiedBy struct{} `json:"lastModifiedBy" wire:"ignored"`
	LastModifiedOn struct{} `json:"lastModifiedOn" wire:"ignored"`
}

// Check returns the faults that span members.
func (b KeyBody) Check() []apikey.FieldError {
	faults := notEmpty("services", b.Services, "leave it out")
	faults = append(faults, notEmpty("allowIps", b.AllowIPs, "leave it out")...)
	return append(faults, oneGrant(b.Type, b.PolicyID != nil, b.Permissions != nil)...)
}

// notEmpty refuses an empty list, which would limit its subject to nothing.
// Instead says how to have no limit.
func notEmpty(field string, list []string, instead string) []apikey.FieldError {
	if list == nil || len(list) > 0 {
		return nil
	}
	return []apikey.FieldError{{Field: field, Code: apikey.FieldValue, Detail: field + " must not be empty. For no limit, " + instead + "."}}
}

// oneGrant refuses a key with both a policy and permissions, and one with
// neither, except a personal key.
func oneGrant(keyType string, policy, permissions bool) []apikey.FieldError {
	switch {
	case policy && permissions:
		const detail = "A key can have a policy or permissions, not both. Send one of them."
		return []apikey.FieldError{
			{Field: "policyId", Code: apikey.FieldConflict, Detail: detail},
			{Field: "permissions", Code: apikey.FieldConflict, Detail: detail},
		}
	case !policy && !permissions && keyType != string(apikey.TypePersonal):
		return []apikey.FieldError{{Field: "permissions", Code: apikey.FieldRequired, Detail: "Send permissions or policyId. Only a key of type personal needs neither."}}
	default:
		return nil
	}
}

// Draft returns the body as a draft for the rules.
func (b KeyBody) Draft() apikey.Draft {
	draft := apikey.Draft{
		Name: b.Name, Description: b.Description, Type: apikey.KeyType(b.Type), Recoverable: b.Recoverable,
		Policy: orZero(b.PolicyID).id(), OnBehalfOf: orZero(b.OnBehalfOf).id(),
		Services: b.Services, Disabled: b.Enabled != nil && !*b.Enabled,
		NotBefore: time.Time(orZero(b.NotBefore)), ExpiresOn: time.Time(orZero(b.ExpiresOn)), AllowIPs: b.AllowIPs,
	}
	if b.Permissions != nil {
		draft.Permissions, draft.Narrowed = permission.NewSet(*b.Permissions...), true
	}
	return draft
}

func orZero[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}
