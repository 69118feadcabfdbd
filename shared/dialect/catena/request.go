package catena

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// KeyBody creates a key.
type KeyBody struct {
	Name        string          `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string          `json:"description"`
	PolicyID    PolicyReference `json:"policy_id" wire:"required" doc:"The id of the one policy that the key has."`
	KeyReadOnly
}

// UpdateBody replaces what this format knows of a key.
type UpdateBody struct {
	Name        string          `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string          `json:"description"`
	PolicyID    PolicyReference `json:"policy_id" wire:"required,nullable" doc:"The id of the one policy that the key has; null for none, as a key shows that was made without one in another format."`
	KeyReadOnly
}

// KeyReadOnly names the members of a [Key] that only Keyward writes. A caller
// may send back what it got: they are ignored, whatever they hold.
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
	Permissions []string `json:"permissions" wire:"required" doc:"Names of permissions that the caller holds. Order and repeats do not matter."`
	PolicyReadOnly
}

// PolicyReadOnly names the members of a [Policy] that only Keyward writes.
type PolicyReadOnly struct {
	ID        struct{} `json:"id" wire:"ignored"`
	KeyCount  struct{} `json:"api_key_count" wire:"ignored"`
	CreatedBy struct{} `json:"created_by" wire:"ignored"`
	CreatedAt struct{} `json:"created_at" wire:"ignored"`
	UpdatedAt struct{} `json:"updated_at" wire:"ignored"`
}

// Draft is the body in the rules' terms, and what is wrong with it.
func (b KeyBody) Draft() (apikey.Draft, []apikey.FieldError) {
	return apikey.Draft{Name: b.Name, Description: b.Description, Policy: b.PolicyID.id, LongestLife: true}, b.PolicyID.faults()
}

// Edit is the body as a change of a key, and what is wrong with it. It says
// nothing of what this format does not know of a key, so that this is kept.
func (b UpdateBody) Edit() (apikey.Edit, []apikey.FieldError) {
	return apikey.Edit{Name: &b.Name, Description: &b.Description, Policy: &b.PolicyID.id}, b.PolicyID.faults()
}

// PolicyReference is a policy's id in a request. The zero PolicyReference names
// none.
type PolicyReference struct {
	id      keytext.ID
	unknown bool
}

// UnmarshalText reads an id. One that cannot be an id names a policy that does
// not exist: that is no error of form.
func (r *PolicyReference) UnmarshalText(text []byte) error {
	id, err := keytext.ParseID(string(text))
	*r = PolicyReference{id, err != nil}
	return nil
}

func (r PolicyReference) faults() []apikey.FieldError {
	if !r.unknown {
		return nil
	}
	return []apikey.FieldError{{Field: "policy_id", Code: apikey.FieldPolicy, Detail: "There is no such policy."}}
}

// Draft is the body in the rules' terms.
func (b PolicyBody) Draft() apikey.PolicyDraft {
	return apikey.PolicyDraft{Name: b.Name, Description: b.Description, Permissions: apikey.NewPermissions(b.Permissions...)}
}
