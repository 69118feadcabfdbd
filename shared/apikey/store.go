package apikey

import (
	"context"
	"io"
	"time"

	"github.com/keyward/keyward/shared/uuid"
)

// Store stores organizations and everything they own. It decides nothing. Every
// error is an [*Error]. A method can return [Unavailable] besides the errors it
// lists, or [Permanent] for what the store can never do. Every read sees all
// changes that were committed before it started, except for the listing of keys
// and the audit log.
//
// A listing is read in parts. A part has at most limit records, and no more
// than one read returns. It can be short or empty while the listing continues:
// only a part without Next is the last.
type Store interface {
	Reader
	// Keys lists keys of an organization that match the filter, in order of
	// creation and after the position. It may miss changes of the last second.
	Keys(ctx context.Context, org OrgID, filter KeyFilter, after Position, limit int) (Listed[Key, Position], error)
	// Policies, Services and Users list an organization's records by id, after
	// the given id. Policies include tombstones.
	Policies(ctx context.Context, org OrgID, after uuid.UUID, limit int) (Listed[Policy, uuid.UUID], error)
	Services(ctx context.Context, org OrgID, after string, limit int) (Listed[Service, string], error)
	Users(ctx context.Context, org OrgID, after uuid.UUID, limit int) (Listed[User, uuid.UUID], error)
	// Names reads the names of policies and users, including those of
	// tombstones and, if readable, of damaged records. Ids of nothing, and zero
	// ids, have no name. It requests all records at once.
	Names(ctx context.Context, org OrgID, policies, users []uuid.UUID) (Names, error)
	// UserByClaim reads the user with that claim; [NotFound] if there is none.
	UserByClaim(ctx context.Context, org OrgID, claim string) (User, error)
	// Sealed reads the encrypted copy of a recoverable key; [NotFound] if there
	// is none.
	Sealed(ctx context.Context, id uuid.UUID) ([]byte, error)
	// Uses reads the uses of a key on the days from one to another, both included,
	// in order of day and region. It may miss uses of the last second. A damaged
	// record among them is [ErrDamaged].
	Uses(ctx context.Context, key uuid.UUID, from, to time.Time) ([]Uses, error)
	// LastUses lists an organization's keys that were used, by last use before the
	// position, newest first. The zero Position is the beginning. It may miss
	// changes of the last second.
	LastUses(ctx context.Context, org OrgID, before Position, limit int) (Listed[LastUse, Position], error)
	// AuditRecords lists records of an organization that match the filter and
	// are older than the position, newest first.
	AuditRecords(ctx context.Context, org OrgID, filter AuditFilter, before Position, limit int) (Listed[AuditRecord, Position], error)
	// Organizations lists the ids in the directory of organizations, in order and
	// after the given id.
	Organizations(ctx context.Context, after OrgID, limit int) (Listed[OrgID, OrgID], error)
	// Unfinished reads all tasks that were begun and not finished, and which of
	// their records are damaged.
	Unfinished(ctx context.Context) (tasks []Task, damaged []Damage, err error)
	// Due lists tombstones of keys, of all organizations, that are to be removed
	// by then, the earliest first and after the position.
	Due(ctx context.Context, by time.Time, after Position, limit int) (Listed[Due, Position], error)
	// Peppers reads all peppers, by version. Damaged ones are included, so that
	// only the keys under them fail.
	Peppers(ctx context.Context) ([]Pepper, error)
	// Size returns how many bytes a record takes in the store: a [Key], a
	// [Policy], a [User], a [Service] or an [Organization].
	Size(record any) int
	// Commit applies a change as a whole or not at all. If conditions fail, it
	// returns the documented error of the first write whose condition failed.
	// Committing the same change again, after an answer was lost, succeeds and
	// applies it once.
	Commit(ctx context.Context, change Change) error
}

// Reader reads records.
type Reader interface {
	// Read returns a finding for each ref. It requests all records at once, and
	// sees every change that was committed before it started. A missing or
	// damaged record has that error in its finding. If nothing could be read,
	// the error is [Unavailable].
	Read(ctx context.Context, refs ...Ref) (Found, error)
}

// GrantReader reads the records on which a key's permissions can depend.
type GrantReader interface {
	// Status reads the status of an organization; [NotFound] if there is no
	// such organization. It is read for every key.
	Status(ctx context.Context, org OrgID) (Status, error)
	// Policy reads a policy, even a tombstone; [NotFound] if there is none.
	Policy(ctx context.Context, org OrgID, id uuid.UUID) (Policy, error)
	// User reads a user; [NotFound] if there is none.
	User(ctx context.Context, org OrgID, id uuid.UUID) (User, error)
}

// Due is a tombstone of a key that is to be removed at PurgeOn. Its position is
// that time and the key's id.
type Due struct {
	Org     OrgID
	Key     uuid.UUID
	PurgeOn time.Time
}

// KeyFilter selects keys. A zero field matches all, except that a filter without
// Deleted matches no tombstones.
type KeyFilter struct {
	// Deleted matches only tombstones.
	Deleted            bool
	Policy, OnBehalfOf uuid.UUID
	// Personal matches only personal keys.
	Personal bool
	// CreatedBy is an actor's id. Name is compared with the key's Claim.
	CreatedBy string
	Name      string
}

// Matches reports whether the filter matches a key.
func (f KeyFilter) Matches(k Key) bool {
	return f.Deleted == k.Deleted() && (!f.Personal || k.Type == TypePersonal) && (f.Policy.IsZero() || f.Policy == k.Policy) && (f.OnBehalfOf.IsZero() || f.OnBehalfOf == k.OnBehalfOf) &&
		(f.CreatedBy == "" || f.CreatedBy == k.CreatedBy.UserID) && (f.Name == "" || f.Name == k.Claim)
}

// AuditFilter selects audit records; a zero field matches all.
type AuditFilter struct {
	// Target is the id or name of what was changed, Actor the id of who did it,
	// and Key the key that they used.
	Target, Actor string
	Key           uuid.UUID
	Action        Action
	// From and To bound the time; To is excluded.
	From, To time.Time
}

// Matches reports whether the filter matches a record.
func (f AuditFilter) Matches(r AuditRecord) bool {
	return (f.Target == "" || f.Target == r.Target) && (f.Actor == "" || f.Actor == r.Actor.UserID) && (f.Key.IsZero() || f.Key == r.Key) &&
		(f.Action == "" || f.Action == r.Action) && !r.At.Before(f.From) && (f.To.IsZero() || r.At.Before(f.To))
}

// Position is a place in a listing: at the record with this time and id. The
// zero Position is the beginning.
type Position struct {
	CreatedOn time.Time
	ID        uuid.UUID
	// Value is what a sorted list is ordered by; see [Rules.Find]. Stores ignore
	// it.
	Value string
}

// Task is work that takes more than one transaction. It is stored from the
// first transaction to the last, so that a sweep can finish it if the process
// ends in between.
type Task struct {
	Org  OrgID
	Kind TaskKind
	// Target is the id of the policy; empty for [TaskWithdraw].
	Target string
}

// TaskKind names what is to be done.
type TaskKind string

// The kinds of tasks.
const (
	// TaskDeletePolicy deletes the keys of a policy's tombstone, then the
	// tombstone.
	TaskDeletePolicy TaskKind = "delete-policy"
	// TaskWithdraw takes the organization's Withdrawn permissions from every key,
	// policy and user.
	TaskWithdraw TaskKind = "withdraw-permissions"
)

// PepperMaker creates a wrapped pepper of that version, in state
// [PepperActive]. Its errors are [Unavailable].
type PepperMaker interface {
	NewPepper(ctx context.Context, version int) (Pepper, error)
}

// Vault encrypts and decrypts the texts of keys for one purpose, each bound to
// its key's id. Its errors are [Unavailable].
type Vault interface {
	Seal(ctx context.Context, id uuid.UUID, text string) (sealed []byte, err error)
	Open(ctx context.Context, id uuid.UUID, sealed []byte) (text string, err error)
}

// Rules applies the rules to a store. All fields must be set, except for those that
// only some rules use: PepperMaker ([Rules.Bootstrap]), Vault (recoverable keys),
// Outcomes ([Outcome]) and Regions. It is safe for concurrent use.
type Rules struct {
	Store       Store
	Digester    Digester
	PepperMaker PepperMaker
	Vault       Vault
	// Outcomes encrypts the texts in outcomes, which Vault cannot decrypt.
	Outcomes Vault
	// Regions is for [Rules.Propagation], and for what else must know how long the
	// authorizers keep records.
	Regions Regions
	// Now is the wall clock.
	Now func() time.Time
	// Entropy is cryptographically secure and safe for concurrent use.
	Entropy io.Reader
	// NFC returns Unicode's normalization form C, in which names are compared.
	NFC func(string) string
}

// now returns the time as records store it.
func (r *Rules) now() time.Time { return r.Now().UTC().Truncate(time.Millisecond) }
