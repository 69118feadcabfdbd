package catena

import (
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// KeyBody creates or replaces a key.
type KeyBody struct {
	Name        string `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string `json:"description"`
	PolicyID    string `json:"policy_id" wire:"required" doc:"The id of the one policy that the key has."`
	KeyReadOnly
}

// KeyReadOnly names the members of a [Key] that only Keyward writes. A caller
// may send back what it got: they are ignored, whatever they hold.
type KeyReadOnly struct {
	ID         struct{} `json:"id" wire:"ignored"`
	Text       struct{} `json:"api_key" wire:"ignored"`
	Redacted   struct{} `json:"redacted_api_key" wire:"ignored"`
	PolicyName struct{} `json:"policy_name" wire:"ignored"`
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
	policy, faults := b.policy()
	return apikey.Draft{Name: b.Name, Description: b.Description, Policy: policy}, faults
}

// Edit is the body as a change of a key, and what is wrong with it. It says
// nothing of what this format does not know of a key, so that this is kept.
func (b KeyBody) Edit() (apikey.Edit, []apikey.FieldError) {
	policy, faults := b.policy()
	return apikey.Edit{Name: &b.Name, Description: &b.Description, Policy: &policy}, faults
}

// policy reads the policy's id. An id that cannot be one names a policy that
// does not exist.
func (b KeyBody) policy() (keytext.ID, []apikey.FieldError) {
	id, err := keytext.ParseID(b.PolicyID)
	if err != nil {
		return id, []apikey.FieldError{{Field: "policy_id", Code: apikey.FieldPolicy, Detail: "There is no such policy."}}
	}
	return id, nil
}

// Draft is the body in the rules' terms.
func (b PolicyBody) Draft() apikey.PolicyDraft {
	return apikey.PolicyDraft{Name: b.Name, Description: b.Description, Permissions: apikey.NewPermissions(b.Permissions...)}
}
