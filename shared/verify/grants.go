package verify

import (
	"strings"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// statusRecord is the cached part of an organization's status.
type statusRecord struct {
	suspended      bool
	representative uuid.UUID
}

func (r *statusRecord) addTo(*owner) int      { return allocated(int(unsafe.Sizeof(*r))) }
func (r *statusRecord) removeFrom(*owner) int { return allocated(int(unsafe.Sizeof(*r))) }

// policyRecord is the cached part of a policy.
type policyRecord struct {
	permissions permission.Set
	deleted     bool
}

func newPolicyRecord(policy apikey.Policy) *policyRecord {
	return &policyRecord{trimmed(policy.Permissions), policy.Deleted}
}

func (r *policyRecord) addTo(o *owner) int {
	return allocated(int(unsafe.Sizeof(*r))) + o.intern(r.permissions)
}

func (r *policyRecord) removeFrom(o *owner) int {
	return allocated(int(unsafe.Sizeof(*r))) + o.unintern(r.permissions)
}

// userRecord is the cached part of a user.
type userRecord struct {
	role        apikey.Role
	claim       string
	permissions permission.Set
	policy      uuid.UUID
}

func newUserRecord(user apikey.User) *userRecord {
	return &userRecord{constantOf(user.Role, apikey.Roles...), strings.Clone(apikey.EmailClaim(user.Email)), trimmed(user.Permissions), user.Policy}
}

func (r *userRecord) addTo(o *owner) int {
	return allocated(int(unsafe.Sizeof(*r))) + allocated(len(r.claim)) + o.intern(r.permissions)
}

func (r *userRecord) removeFrom(o *owner) int {
	return allocated(int(unsafe.Sizeof(*r))) + allocated(len(r.claim)) + o.unintern(r.permissions)
}

// claimant is the user who has a claim. It only says which user to read: the
// user's record says whether the claim is still theirs.
type claimant struct{ id uuid.UUID }

func (r *claimant) addTo(*owner) int      { return allocated(int(unsafe.Sizeof(*r))) }
func (r *claimant) removeFrom(*owner) int { return allocated(int(unsafe.Sizeof(*r))) }
