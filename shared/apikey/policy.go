package apikey

import (
	"time"

	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// Policy is a named set of permissions that any number of keys can have (the
// Catena document). Changing it changes all of them.
type Policy struct {
	ID          uuid.UUID
	Org         OrgID
	Name        string
	Description string
	// Claim is the name's NFC form, which is unique among policies.
	Claim       string
	Permissions permission.Set
	// KeyCount is how many keys have the policy. The store keeps it in the same
	// transaction as each key's change.
	KeyCount int
	// Deleted marks a tombstone: its keys are no longer valid and are being
	// deleted.
	Deleted                   bool
	CreatedBy, LastModifiedBy Actor
	CreatedOn, LastModifiedOn time.Time
	// Version counts the record's changes of everything but KeyCount, from 1.
	Version int64
}

// PolicyDraft is what a caller can write of a policy.
type PolicyDraft struct {
	Name, Description string
	Permissions       permission.Set
}

// PolicyEdit is a partial change of a policy: a nil field is left as it is.
type PolicyEdit struct {
	Name, Description *string
	Permissions       *permission.Set
}

// apply returns the draft that the edit makes of a policy.
func (e PolicyEdit) apply(p Policy) PolicyDraft {
	d := PolicyDraft{p.Name, p.Description, p.Permissions}
	set(&d.Name, e.Name)
	set(&d.Description, e.Description)
	set(&d.Permissions, e.Permissions)
	return d
}
