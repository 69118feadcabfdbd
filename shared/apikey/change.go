package apikey

// MaxDeletions is how many keys one change can delete.
const MaxDeletions = 16

// Change is one transaction: writes, each with its condition, and their audit
// records. [Change.NeedsAudit] reports which changes need one.
type Change struct {
	// Writes each concern a different record: no two write the same key,
	// policy, user, service, organization or pepper, and none requires a record
	// that another one writes. KeyCounts are the exception. Several writes may
	// adjust the same KeyCount, also beside a write that replaces, requires or
	// deletes its owner. The store adds the adjustments up. It drops those of a
	// deleted owner, and any that would make a count negative. The condition of
	// a write on a count applies to the sum. A store may refuse a change that
	// adds more than one key to an organization, net of deletions.
	Writes []Write
	// Audits holds at least one record if [Change.NeedsAudit]. The id of the first
	// names the change.
	Audits []AuditRecord
}

// NeedsAudit reports whether the change needs an audit record. Three automatic
// changes do not: a last use, a rehash under a newer pepper, and the progress of
// notices.
func (c Change) NeedsAudit() bool {
	needs := true
	for _, w := range c.Writes {
		switch w := w.(type) {
		case PutLastUse, PutNoticeRound:
			needs = false
		case ReplaceKey:
			if !w.onlyMoves() {
				return true
			}
			needs = false
		case RequirePepper: // writes nothing
		default:
			return true
		}
	}
	return needs
}

// Write is one part of a [Change]: one of the types below, and no other.
type Write interface{ write() }

// CreateKey adds a key, claims its name, if it has one, and counts it in its
// organization, its policy and, for a personal key, its user. Sealed is stored
// as the encrypted copy of a recoverable key. Errors: [Stale] if a key with
// that id exists, or if the organization, policy (a tombstone counts as missing
// too) or user does not; [QuotaReached] if the organization's KeyCount is at
// MaxKeys, or the user's at [MaxPersonalKeys]; [NameTaken].
//
// Limit, if it is not 0, takes the place of the organization's MaxKeys.
type CreateKey struct {
	Key    Key
	Sealed []byte
	Limit  int
}

// ReplaceKey replaces Before with After. It moves the claim if the name
// changed, and the counts if the policy or the user did, under the conditions
// of [CreateKey]. A tombstone has no claim, counts nowhere and is [Due]: so a
// change to one gives all that up, and a change from one takes it again.
// Errors: [Stale] if the stored version is not Before's, [QuotaReached],
// [NameTaken].
//
// Sealed, unless it is empty, replaces the encrypted copy of a recoverable key,
// for a key that gets another secret.
type ReplaceKey struct {
	Before, After Key
	Sealed        []byte
}

// DeleteKey removes a key, its claim, its encrypted copy and its last use, and
// subtracts it from the counts. It fails with [Stale] if the stored version is not Key's.
//
// Damaged says that Key is only the readable part of the record. The record is
// then removed whatever its version. The change fails with [Stale] if the
// stored organization is not Key's. A claim that cannot be read stays, and a
// count that cannot be read may stay one too high. If Key is a tombstone, the
// change fails with [Stale] if the stored key is none.
type DeleteKey struct {
	Key     Key
	Damaged bool
}

// Require writes nothing. It fails with [Stale] unless the record exists in
// that version or, for version 0, does not exist. It ties a change to the
// records on which it was decided.
type Require struct {
	Ref     Ref
	Version int64
}

// CreateOrganization adds an organization, with a KeyCount of 0, its status, and
// its entry in the directory. It fails with [Stale] if the organization exists.
type CreateOrganization struct{ Organization Organization }

// EnterOrganization enters an organization into the directory. It succeeds if it
// is there already.
type EnterOrganization struct{ Org OrgID }

// ReplaceOrganization replaces Before with After, except for KeyCount. It fails
// with [Stale] if the stored version is not Before's.
type ReplaceOrganization struct{ Before, After Organization }

// ReplaceStatus replaces Before with After. It fails with [Stale] if the stored
// version is not Before's.
type ReplaceStatus struct{ Before, After Status }

// CreatePolicy adds a policy, with a KeyCount of 0, and claims its name.
// Errors: [Stale] if the policy exists, [NameTaken].
type CreatePolicy struct{ Policy Policy }

// ReplacePolicy replaces Before with After, except for KeyCount, and moves the
// claim. If After is a tombstone, the claim is freed. Errors: [Stale] if the
// stored version is not Before's or, with Unused, if the KeyCount is not 0;
// [NameTaken].
//
// Damaged says that Before is only the readable part of the record. The record
// and its KeyCount are then replaced whatever the version. The change fails
// with [Stale] if the record does not exist.
type ReplacePolicy struct {
	Before, After   Policy
	Unused, Damaged bool
}

// DeletePolicy removes a policy, and its claim unless it is a tombstone. It
// fails with [Stale] if the stored version is not Policy's or the KeyCount is
// not 0. Miscounted says that the KeyCount includes keys that are gone; it must
// then equal Policy's.
type DeletePolicy struct {
	Policy     Policy
	Miscounted bool
}

// CreateUser adds a user, with a KeyCount of 0, and claims the address. Errors:
// [Stale] if the user exists, [NameTaken].
type CreateUser struct{ User User }

// ReplaceUser replaces Before with After, except for KeyCount, and moves the
// claim. Errors: [Stale] if the stored version is not Before's or, with
// Counted, if the stored KeyCount is not Before's; [NameTaken].
type ReplaceUser struct {
	Before, After User
	Counted       bool
}

// DeleteUser removes a user and the claim. Keys that stand for the user stay.
// It fails with [Stale] if the stored version is not User's or, with Counted,
// if the stored KeyCount is not User's.
//
// Damaged says that User is only the readable part of the record. The record is
// then removed whatever its version. The change fails with [Stale] if the
// record does not exist.
type DeleteUser struct {
	User             User
	Counted, Damaged bool
}

// PutService replaces Before with After and claims its APIs. The zero Before
// stands for a new service. Errors: [Stale] if the stored version is not
// Before's, [NameTaken] if another service has one of the APIs.
type PutService struct{ Before, After Service }

// DeleteService removes a service and frees its APIs. It fails with [Stale] if
// the stored version is not Service's.
//
// Damaged says that Service is only the readable part of the record. The record
// is then removed whatever its version. The change fails with [Stale] if the
// record does not exist. An API that cannot be read still belongs to the
// service; a new service with the same id can claim it.
type DeleteService struct {
	Service Service
	Damaged bool
}

// CreatePepper adds a pepper. It fails with [Stale] if one of that version
// exists.
type CreatePepper struct{ Pepper Pepper }

// ReplacePepper replaces Before with After. It fails with [Stale] if the stored
// state is not Before's.
type ReplacePepper struct{ Before, After Pepper }

// RequirePepper writes nothing. It fails with [Stale] unless the pepper of that
// version is in that state.
type RequirePepper struct {
	Version int
	State   PepperState
}

// PutOutcome stores the outcome of a request, in the place of the caller's
// forgotten one of the same Idempotency-Key. It fails with [Stale] unless the
// stored version is one below Outcome's; version 1 needs that there is none.
type PutOutcome struct{ Outcome Outcome }

// BeginTask stores a task. It succeeds if the task is stored already.
type BeginTask struct{ Task Task }

// FinishTask removes a task. It succeeds if the task is gone already.
type FinishTask struct{ Task Task }

// PutLastUse replaces Before with After. The zero Before stands for a key that was
// never used. It fails with [Stale] if the stored version is not Before's or,
// with the zero Before, if there is no such key, nor its tombstone.
type PutLastUse struct{ Before, After LastUse }

// PutNoticeRound stores how far the notices have come. It fails with [Stale] unless
// the stored version is one below Round's; version 1 needs that there is none.
type PutNoticeRound struct{ Round NoticeRound }

func (CreateKey) write()           {}
func (ReplaceKey) write()          {}
func (DeleteKey) write()           {}
func (Require) write()             {}
func (CreateOrganization) write()  {}
func (EnterOrganization) write()   {}
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
func (ReplacePepper) write()       {}
func (RequirePepper) write()       {}
func (PutOutcome) write()          {}
func (BeginTask) write()           {}
func (FinishTask) write()          {}
func (PutLastUse) write()          {}
func (PutNoticeRound) write()      {}
