package apikey

import (
	"context"
	"io"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// Store keeps organizations and all that they own. It decides nothing. Every
// error is an [*Error]; one that is not listed is [Unavailable], or [Permanent]
// where the store can never do what it is asked. All reads but the listing of
// keys and the audit log see every change that was committed before they
// started.
//
// A listing is read in parts. A part has at most limit records, and no more than
// fit into one read: it may have fewer, or none, and the listing goes on all the
// same. Only a part without Next is the last.
type Store interface {
	Reader
	// Keys lists keys of an organization that the filter lets pass, in order of
	// creation, those after the position only. It may miss a change of the last
	// second.
	Keys(ctx context.Context, org OrgID, filter KeyFilter, after Position, limit int) (Listed[Key, Position], error)
	// Policies, Services and Users list an organization's by id, those after the
	// id only; tombstones of policies included.
	Policies(ctx context.Context, org OrgID, after keytext.ID, limit int) (Listed[Policy, keytext.ID], error)
	Services(ctx context.Context, org OrgID, after string, limit int) (Listed[Service, string], error)
	Users(ctx context.Context, org OrgID, after keytext.ID, limit int) (Listed[User, keytext.ID], error)
	// Names reads what policies and users are called, tombstones and damaged
	// records included as far as that can be read. What does not exist, and an id
	// of nothing, has no name. It asks for all of them at once.
	Names(ctx context.Context, org OrgID, policies, users []keytext.ID) (Names, error)
	// UserByClaim reads the user with that claim; [NotFound] where there is
	// none.
	UserByClaim(ctx context.Context, org OrgID, claim string) (User, error)
	// Sealed reads the encrypted copy of a recoverable key; [NotFound] where
	// there is none.
	Sealed(ctx context.Context, id keytext.ID) ([]byte, error)
	// AuditRecords lists records of an organization that the filter lets pass,
	// the newest first, those older than the position only.
	AuditRecords(ctx context.Context, org OrgID, filter AuditFilter, before Position, limit int) (Listed[AuditRecord, Position], error)
	// Unfinished reads all that was begun and is not known to be finished, and
	// which records of that are damaged.
	Unfinished(ctx context.Context) (tasks []Task, damaged []Damage, err error)
	// Peppers reads every pepper, by version. One that is damaged is among them, so
	// that only the keys under it fail.
	Peppers(ctx context.Context) ([]Pepper, error)
	// Size is how many bytes a record takes in the store: a [Key], a [Policy], a
	// [User], a [Service] or an [Organization].
	Size(record any) int
	// Commit applies a change whole or not at all. The first write whose
	// condition fails gives the error that it documents. Committing the same
	// change again, after an answer that was lost, succeeds and applies it
	// once.
	Commit(ctx context.Context, change Change) error
}

// Reader reads records.
type Reader interface {
	// Read returns a finding for each ref. It asks for all of them at once, and
	// sees every change that was committed before it started. A record that is
	// missing or damaged is told in its own finding; an error means that none
	// could be read, and is [Unavailable].
	Read(ctx context.Context, refs ...Ref) (Found, error)
}

// GrantReader reads what a key's permissions may depend on.
type GrantReader interface {
	// Status reads the status of an organization; [NotFound] where there is no
	// such organization. It is asked for every key.
	Status(ctx context.Context, org OrgID) (Status, error)
	// Policy reads a policy, a tombstone too; [NotFound] where there is none.
	Policy(ctx context.Context, org OrgID, id keytext.ID) (Policy, error)
	// User reads a user; [NotFound] where there is none.
	User(ctx context.Context, org OrgID, id keytext.ID) (User, error)
}

// KeyFilter chooses keys; a zero field chooses all.
type KeyFilter struct {
	Policy, OnBehalfOf keytext.ID
	// Personal lets only personal keys pass.
	Personal bool
	// CreatedBy is an actor's id, Name a name as a key's Claim has it.
	CreatedBy string
	Name      string
}

// Matches reports whether the filter lets a key pass.
func (f KeyFilter) Matches(k Key) bool {
	return (!f.Personal || k.Type == TypePersonal) && (f.Policy.IsZero() || f.Policy == k.Policy) && (f.OnBehalfOf.IsZero() || f.OnBehalfOf == k.OnBehalfOf) &&
		(f.CreatedBy == "" || f.CreatedBy == k.CreatedBy.UserID) && (f.Name == "" || f.Name == k.Claim)
}

// AuditFilter chooses audit records; a zero field chooses all.
type AuditFilter struct {
	// Target is the id or name of what was changed, Actor the id of who did it,
	// Key the key that was used for it.
	Target, Actor string
	Key           keytext.ID
	Action        Action
	// From and To bound the time; To is excluded.
	From, To time.Time
}

// Matches reports whether the filter lets a record pass.
func (f AuditFilter) Matches(r AuditRecord) bool {
	return (f.Target == "" || f.Target == r.Target) && (f.Actor == "" || f.Actor == r.Actor.UserID) && (f.Key.IsZero() || f.Key == r.Key) &&
		(f.Action == "" || f.Action == r.Action) && !r.At.Before(f.From) && (f.To.IsZero() || r.At.Before(f.To))
}

// Position is a place in a listing: at the thing with this time and id. The zero
// Position is where the listing begins.
type Position struct {
	CreatedOn time.Time
	ID        keytext.ID
}

// Task is work that takes more than one transaction. It is kept from the first
// to the last of them, so that whatever ends the process in between, somebody
// finishes it.
type Task struct {
	Org  OrgID
	Kind TaskKind
	// Target is the id of the policy; empty for [TaskWithdraw].
	Target string
}

// TaskKind is what is to be done.
type TaskKind string

// The kinds of tasks.
const (
	// TaskDeletePolicy deletes the keys of a policy's tombstone, then it.
	TaskDeletePolicy TaskKind = "delete-policy"
	// TaskWithdraw takes the organization's Withdrawn permissions out of every
	// key, policy and user.
	TaskWithdraw TaskKind = "withdraw-permissions"
)

// PepperMaker makes a new wrapped pepper of that version, in state
// [PepperActive]. Its errors are [Unavailable].
type PepperMaker interface {
	NewPepper(ctx context.Context, version int) (Pepper, error)
}

// Vault encrypts the copies of recoverable keys, each bound to its key's id. Its
// errors are [Unavailable].
type Vault interface {
	Seal(ctx context.Context, id keytext.ID, text string) (sealed []byte, err error)
	Open(ctx context.Context, id keytext.ID, sealed []byte) (text string, err error)
}

// Keys is the rules over a store. All fields must be set, but for those that
// only some rules use: PepperMaker ([Keys.Bootstrap]) and Vault (recoverable
// keys). It is safe for concurrent use.
type Keys struct {
	Store       Store
	Digester    Digester
	PepperMaker PepperMaker
	Vault       Vault
	// Now is the wall clock.
	Now func() time.Time
	// Entropy is cryptographically secure, and safe for concurrent use.
	Entropy io.Reader
	// NFC is Unicode's normalization form C, by which names are compared.
	NFC func(string) string
}

// now is the time in the form that records keep.
func (k *Keys) now() time.Time { return k.Now().UTC().Truncate(time.Millisecond) }
