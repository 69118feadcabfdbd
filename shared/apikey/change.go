package apikey

// MaxDeletions is how many keys one change may delete.
const MaxDeletions = 20

// Change is one transaction: writes, each with its condition, and the records
// of it. There is no change without an audit record, and no record without its
// change.
type Change struct {
	// Writes concern different things: no two write the same key, policy, user,
	// service, organization or pepper, nor require one that another writes.
	// Only the counts of an organization, a policy and a user may be moved by
	// several writes, and by those beside one that replaces, requires or deletes
	// their owner; a store adds such moves up, and forgets a deleted owner's and
	// one that would make a count negative.
	// What a write documents about a count is then about the sum. A store need
	// not take a change that adds more than one key to an organization, less
	// those that it deletes.
	Writes []Write
	// Audits are one record or more. The first one's id names the change.
	Audits []AuditRecord
}

// Write is one part of a [Change]: one of the types below, and no other.
type Write interface{ write() }

// CreateKey adds a key, claims its name, if it has one, and counts it in its
// organization, its policy and, for a personal key, its user. Sealed is kept as
// the encrypted copy of a recoverable key. It fails with [Stale] where a key of
// that id exists, or the organization, the policy (a tombstone included) or the
// user does not; with [QuotaReached] where the organization's KeyCount has come
// to its MaxKeys or the user's to [MaxPersonalKeys]; and with [NameTaken].
type CreateKey struct {
	Key    Key
	Sealed []byte
}

// ReplaceKey puts After in the place of Before, moves the claim where that
// changed, and the counts where the policy or the user did, on the conditions of
// [CreateKey]. It fails with [Stale] where the version is not Before's, with
// [QuotaReached], and with [NameTaken].
type ReplaceKey struct{ Before, After Key }

// DeleteKey removes a key, its claim, its encrypted copy and its place in the
// counts. It fails with [Stale] where the version is not Key's.
//
// A Damaged key is one of which Key is what can still be read. It is removed
// whatever its version is, and the change fails with [Stale] where its
// organization is not Key's. A claim or a count that cannot be read stays, and
// may be one too many.
type DeleteKey struct {
	Key     Key
	Damaged bool
}

// Require writes nothing. It fails with [Stale] unless the record exists in
// that version, or, where the version is 0, does not exist: it binds a change to
// what was true when it was decided.
type Require struct {
	Ref     Ref
	Version int64
}

// CreateOrganization adds an organization, with a KeyCount of 0, and its status.
// It fails with [Stale] where the organization exists.
type CreateOrganization struct{ Organization Organization }

// ReplaceOrganization puts After in the place of Before, KeyCount excepted. It
// fails with [Stale] where the version is not Before's.
type ReplaceOrganization struct{ Before, After Organization }

// ReplaceStatus puts After in the place of Before. It fails with [Stale] where
// the version is not Before's.
type ReplaceStatus struct{ Before, After Status }

// CreatePolicy adds a policy, with a KeyCount of 0, and claims its name. It
// fails with [Stale] where it exists, and with [NameTaken].
type CreatePolicy struct{ Policy Policy }

// ReplacePolicy puts After in the place of Before, KeyCount excepted, and moves
// the claim. Where After is a tombstone, it frees the claim. It fails with
// [Stale] where the version is not Before's, or, for a change that is Unused,
// where the KeyCount is not 0; and with [NameTaken].
//
// A Damaged policy is one of which Before is what can still be read. It is
// replaced whatever its version is, and so is its KeyCount. The change fails with
// [Stale] where there is none.
type ReplacePolicy struct {
	Before, After   Policy
	Unused, Damaged bool
}

// DeletePolicy removes a policy, and its claim unless it is a tombstone. It
// fails with [Stale] where the version is not Policy's or its KeyCount is not 0;
// of a Miscounted policy, which counts keys that are gone, where the KeyCount is
// not Policy's.
type DeletePolicy struct {
	Policy     Policy
	Miscounted bool
}

// CreateUser adds a user, with a KeyCount of 0, and claims the address. It fails
// with [Stale] where it exists, and with [NameTaken].
type CreateUser struct{ User User }

// ReplaceUser puts After in the place of Before, KeyCount excepted, and moves
// the claim. It fails with [Stale] where the version is not Before's, or, for a
// change that is Counted, where the KeyCount is not; and with [NameTaken].
type ReplaceUser struct {
	Before, After User
	Counted       bool
}

// DeleteUser removes a user and the claim. Keys that stand for the user stay. It
// fails with [Stale] where the version is not User's, or, for a change that is
// Counted, where the KeyCount is not.
//
// A Damaged user is one of whom User is what can still be read. The user is
// removed whatever the version is, and the change fails with [Stale] where there
// is none.
type DeleteUser struct {
	User             User
	Counted, Damaged bool
}

// PutService puts After in the place of Before, whose zero value stands for a
// service that did not exist, and claims its APIs. It fails with [Stale] where
// the version is not Before's, and with [NameTaken] where another service has
// one of the APIs.
type PutService struct{ Before, After Service }

// DeleteService removes a service and frees its APIs. It fails with [Stale]
// where the version is not Service's.
//
// A Damaged service is one of which Service is what can still be read. It is
// removed whatever its version is, and the change fails with [Stale] where there
// is none. An API that cannot be read stays the service's: who puts one of that
// id again can have it.
type DeleteService struct {
	Service Service
	Damaged bool
}

// CreatePepper adds a pepper. It fails with [Stale] where one of that version
// exists.
type CreatePepper struct{ Pepper Pepper }

// BeginTask keeps a task. It does not fail where it is kept already.
type BeginTask struct{ Task Task }

// FinishTask forgets a task. It does not fail where it is forgotten already.
type FinishTask struct{ Task Task }

func (CreateKey) write()           {}
func (ReplaceKey) write()          {}
func (DeleteKey) write()           {}
func (Require) write()             {}
func (CreateOrganization) write()  {}
func (ReplaceOrganization) write() {}
func (ReplaceStatus) write()       {}
func (CreatePolicy) write()        {}
func (ReplacePolicy) write()       {}
func (DeletePolicy) write()        {}
func (CreateUser) write()          {}
func (ReplaceUser) write()         {}
func (DeleteUser) write()          {}
func (PutService) write()          {}
func (DeleteService) write()       {}
func (CreatePepper) write()        {}
func (BeginTask) write()           {}
func (FinishTask) write()          {}
