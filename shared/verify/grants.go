package verify

import (
	"strings"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// statusRecord is what is kept of an organization's status.
type statusRecord struct {
	suspended      bool
	representative keytext.ID
}

func (r *statusRecord) join(*owner) int  { return room(int(unsafe.Sizeof(*r))) }
func (r *statusRecord) leave(*owner) int { return room(int(unsafe.Sizeof(*r))) }

// policyRecord is what is kept of a policy.
type policyRecord struct {
	permissions apikey.Permissions
	deleted     bool
}

func newPolicyRecord(policy apikey.Policy) *policyRecord {
	return &policyRecord{exact(policy.Permissions), policy.Deleted}
}

func (r *policyRecord) join(o *owner) int {
	return room(int(unsafe.Sizeof(*r))) + o.take(r.permissions)
}

func (r *policyRecord) leave(o *owner) int {
	return room(int(unsafe.Sizeof(*r))) + o.release(r.permissions)
}

// userRecord is what is kept of a user.
type userRecord struct {
	role        apikey.Role
	claim       string
	permissions apikey.Permissions
	policy      keytext.ID
}

func newUserRecord(user apikey.User) *userRecord {
	return &userRecord{known(user.Role, apikey.Roles...), strings.Clone(apikey.EmailClaim(user.Email)), exact(user.Permissions), user.Policy}
}

func (r *userRecord) join(o *owner) int {
	return room(int(unsafe.Sizeof(*r))) + room(len(r.claim)) + o.take(r.permissions)
}

func (r *userRecord) leave(o *owner) int {
	return room(int(unsafe.Sizeof(*r))) + room(len(r.claim)) + o.release(r.permissions)
}

// claimant is who has a claim. It only says which user to ask for: whether that
// user still has the claim is in the user's record.
type claimant struct{ id keytext.ID }

func (r *claimant) join(*owner) int  { return room(int(unsafe.Sizeof(*r))) }
func (r *claimant) leave(*owner) int { return room(int(unsafe.Sizeof(*r))) }
