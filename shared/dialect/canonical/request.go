package canonical

import "github.com/keyward/keyward/shared/apikey"

// KeyBody is what POST and PUT take: all that a caller can write of a key.
type KeyBody struct {
	Name        string   `json:"name" wire:"required" doc:"Unique in the organization. Together with description at most 191 bytes of UTF-8."`
	Description string   `json:"description"`
	Permissions []string `json:"permissions" wire:"required" doc:"Names of permissions that the caller holds. Order and repeats do not matter."`
	ReadOnly
}

// KeyPatch is what PATCH takes. A member that is absent keeps what the key has;
// null clears it.
type KeyPatch struct {
	Name        *string   `json:"name"`
	Description *string   `json:"description" wire:"nullable"`
	Permissions *[]string `json:"permissions" wire:"nullable"`
	ReadOnly
}

// ReadOnly names the members of an [APIKey] that only Keyward writes. A caller
// may send back what it got: they are ignored, whatever they hold.
type ReadOnly struct {
	ID             struct{} `json:"id" wire:"ignored"`
	Text           struct{} `json:"apiKey" wire:"ignored"`
	Redacted       struct{} `json:"redactedApiKey" wire:"ignored"`
	CreatedBy      struct{} `json:"createdBy" wire:"ignored"`
	CreatedOn      struct{} `json:"createdOn" wire:"ignored"`
	LastModifiedBy struct{} `json:"lastModifiedBy" wire:"ignored"`
	LastModifiedOn struct{} `json:"lastModifiedOn" wire:"ignored"`
}

// Draft is the body in the rules' terms.
func (b KeyBody) Draft() apikey.Draft {
	return apikey.Draft{Name: b.Name, Description: b.Description, Permissions: apikey.NewPermissions(b.Permissions...)}
}

// Edit is the body in the rules' terms.
func (p KeyPatch) Edit() apikey.Edit {
	edit := apikey.Edit{Name: p.Name, Description: p.Description}
	if p.Permissions != nil {
		set := apikey.NewPermissions(*p.Permissions...)
		edit.Permissions = &set
	}
	return edit
}
