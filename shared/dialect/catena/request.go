package catena

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// KeyBody creates a key.
type KeyBody struct {
	Name        string          `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string          `json:"description"`
	PolicyID    PolicyReference `json:"policy_id" wire:"required" doc:"The id of the key's only policy."`
	KeyReadOnly
}

// UpdateBody replaces everything that this format defines for a key.
type UpdateBody struct {
	Name        string          `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string          `json:"description"`
	PolicyID    PolicyReference `json:"policy_id" wire:"required,nullable" doc:"The id of the key's only policy. null for a key that was created in another format without a policy."`
	KeyReadOnly
}

// KeyReadOnly names the members of [Key] that only Keyward writes. A caller may
// send back what it received, so their values are ignored.
type KeyReadOnly struct {
	ID         struct{} `json:"id" wire:"ignored"`
	Text       struct{} `json:"api_key" wire:"ignored"`
	Redacted   struct{} `json:"redacted_api_key" wire:"ignored"`
	PolicyName struct{} `json:"policy_name" wire:"ignored"`
	PolicyNote struct{} `json:"policy_note" wire:"ignored"`
	CreatedBy  struct{} `json:"created_by" wire:"ignored"`
	CreatedAt  struct{} `json:"created_at" wire:"ignored"`
	UpdatedAt  struct{} `json:"updated_at" wire:"ignored"`
}

// PolicyBody creates or replaces a policy.
type PolicyBody struct {
	Name        string   `json:"name" wire:"required" doc:"Unique among the organization's policies."`
	Description string   `json:"description"`
	Permissions []string `json:"permissions" wire:"required" doc:"Names of permissions that the caller holds, in any order."`
	PolicyReadOnly
}

// PolicyReadOnly names the members of [Policy] that only Keyward writes.
type PolicyReadOnly struct {
	ID        struct{} `json:"id" wire:"ignored"`
	KeyCount  struct{} `json:"api_key_count" wire:"ignored"`
	CreatedBy struct{} `json:"created_by" wire:"ignored"`
	CreatedAt struct{} `json:"created_at" wire:"ignored"`
	UpdatedAt struct{} `json:"updated_at" wire:"ignored"`
}

// Draft returns the body as a draft for the rules, and its faults.
func (b KeyBody) Draft() (apikey.Draft, []apikey.FieldError) {
	return apikey.Draft{Name: b.Name, Description: b.Description, Policy: b.PolicyID.id, LongestLife: true}, b.PolicyID.faults()
}

// Edit returns the body as an edit for the rules, and its faults. The edit keeps
// what this format does not define.
func (b UpdateBody) Edit() (apikey.Edit, []apikey.FieldError) {
	return apikey.Edit{Name: &b.Name, Description: &b.Description, Policy: &b.PolicyID.id}, b.PolicyID.faults()
}

// PolicyReference is a policy's id in a request. The zero PolicyReference names
// none.
type PolicyReference struct {
	id      uuid.UUID
	unknown bool
}

// UnmarshalText parses an id. Text that cannot be an id names a policy that does
// not exist; it is not a fault of form.
func (r *PolicyReference) UnmarshalText(text []byte) error {
	id, err := uuid.Parse(string(text))
	*r = PolicyReference{id, err != nil}
	return nil
}

func (r PolicyReference) faults() []apikey.FieldError {
	if !r.unknown {
		return nil
	}
	return []apikey.FieldError{{Field: "policy_id", Code: apikey.FieldPolicy, Detail: "There is no such policy."}}
}

// Draft returns the body as a draft for the rules.
func (b PolicyBody) Draft() apikey.PolicyDraft {
	return apikey.PolicyDraft{Name: b.Name, Description: b.Description, Permissions: permission.NewSet(b.Permissions...)}
}
