package apikey

import (
	"context"
	"encoding/base64"
	"time"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	// OutcomeLife is for how long a request with an Idempotency-Key can be
	// repeated.
	OutcomeLife = 24 * time.Hour
	// OutcomeTextLife is for how long a repetition is answered with the text of
	// the API key.
	OutcomeTextLife = 10 * time.Minute
)

// Idempotency makes a request one that its caller can repeat without doing it
// twice, for instance after a lost answer. The zero Idempotency is none.
type Idempotency struct {
	// Key is the SHA-256 of the Idempotency-Key, which the caller chooses.
	Key [32]byte
	// Fingerprint is the SHA-256 of everything that the request asks for.
	Fingerprint [32]byte
}

// Outcome records what a request with an Idempotency-Key did: it made the text
// of an API key. It is written in the same change. Only the caller who made the
// request can use it.
type Outcome struct {
	Org OrgID
	// Caller is the key that made the request, or the user with an access token.
	Caller uuid.UUID
	Idempotency
	// APIKey is the key that the request created or rotated.
	APIKey uuid.UUID
	// Sealed is the encrypted text, for [OutcomeTextLife].
	Sealed []byte
	On     time.Time
	// Version counts how often the Idempotency-Key was used anew, from 1.
	Version int64
}

// Ends returns the time at which the outcome is forgotten. A store may remove it
// from then on.
func (o Outcome) Ends() time.Time { return o.On.Add(OutcomeLife) }

// Ref names the outcome.
func (o Outcome) Ref() Ref { return OutcomeRef(o.Org, o.Caller, o.Key) }

// OutcomeRef names the outcome of a caller's Idempotency-Key.
func OutcomeRef(org OrgID, caller uuid.UUID, key [32]byte) Ref {
	return Ref{Subject: SubjectOutcome, Org: org, ID: caller, Service: base64.RawURLEncoding.EncodeToString(key[:])}
}

// outcomeRef names the outcome of the request, or nothing if the caller cannot
// repeat it.
func (by Caller) outcomeRef() Ref {
	switch {
	case by.Idempotency == (Idempotency{}):
		return Ref{}
	case by.Key.IsZero():
		return OutcomeRef(by.Org, by.User, by.Idempotency.Key)
	}
	return OutcomeRef(by.Org, by.Key, by.Idempotency.Key)
}

// mintOnce makes the text of a key with mint, and commits the write that mint
// returns as the caller's action. It returns the key with its text. If the
// request was made before, it does not call mint, and returns that key as it is
// now. before describes the key for the audit log; it is nil for a new key.
func (r *Rules) mintOnce(ctx context.Context, who principal, action Action, before *auditFields, mint func(*Minted) (Write, error)) (minted Minted, err error) {
	known, repeated, err := r.earlier(who)
	if err != nil {
		return Minted{}, err
	}
	if repeated {
		return r.repeat(ctx, who, known)
	}
	write, err := mint(&minted)
	if err != nil {
		return Minted{}, r.unlessRepeated(ctx, who, known, err)
	}
	writes, err := r.outcome(ctx, who, known, minted)
	if err != nil {
		return Minted{}, err
	}
	minted.Names = who.view.names(minted.Key)
	return minted, r.commitAction(ctx, who, action, minted.Key.ID.String(), before, minted.Key.auditFields(), append(writes, write)...)
}

// earlier returns the outcome of the request if it was made before and is not
// forgotten. known is the stored outcome, forgotten or not. The error is
// [Reused] if the caller's Idempotency-Key stands for another request.
func (r *Rules) earlier(who principal) (known Outcome, repeated bool, err error) {
	ref := who.outcomeRef()
	if !ref.isSet() {
		return Outcome{}, false, nil
	}
	known, err = who.view.found.Outcome(ref)
	switch {
	case err != nil && KindOf(err) == NotFound:
		return Outcome{}, false, nil
	case err != nil || !r.Now().Before(known.Ends()):
		return known, false, err
	case known.Fingerprint != who.Idempotency.Fingerprint:
		return Outcome{}, false, reusedError("This Idempotency-Key was used for another request. Send another one, or repeat that request as it was.")
	}
	return known, true, nil
}

// repeat returns the key of a request that was made before, as it is now. The
// caller must still hold what the key grants. The text is missing after
// [OutcomeTextLife], or if the key has another secret by now.
func (r *Rules) repeat(ctx context.Context, who principal, known Outcome) (Minted, error) {
	key, err := who.view.Key(ctx, known.APIKey)
	if err != nil && KindOf(err) == NotFound || err == nil && key.Org != who.Org {
		return Minted{}, reusedError("The API key that this request made has been deleted. Send another Idempotency-Key to make another.")
	}
	if err != nil {
		return Minted{}, err
	}
	if err := who.view.read(ctx, key.grantRefs()...); err != nil {
		return Minted{}, err
	}
	// A key that rotated itself gets nothing that it does not have.
	if !who.isKey(key) {
		if err := r.authorizeKeyGrant(ctx, who, Key{}, key); err != nil {
			return Minted{}, err
		}
	}
	minted := Minted{Key: key, Names: who.view.names(key), Repeated: true}
	if !r.Now().Before(known.On.Add(OutcomeTextLife)) {
		return minted, nil
	}
	opened, err := r.Outcomes.Open(ctx, key.ID, known.Sealed)
	if err != nil {
		return Minted{}, err
	}
	text, err := keytext.Parse(opened)
	if err != nil || text.ID() != key.ID {
		return Minted{}, UnavailableError("open the text in an outcome: it is another text", err)
	}
	if text.Redacted() == key.Redacted {
		minted.Text = text
	}
	return minted, nil
}

// outcome returns the write that records what the request has made, in place of
// the known outcome; nothing if the caller cannot repeat the request.
func (r *Rules) outcome(ctx context.Context, who principal, known Outcome, minted Minted) ([]Write, error) {
	ref := who.outcomeRef()
	if !ref.isSet() {
		return nil, nil
	}
	sealed, err := r.Outcomes.Seal(ctx, minted.Key.ID, minted.Text.Reveal())
	if err != nil {
		return nil, err
	}
	return []Write{PutOutcome{Outcome{
		Org: who.Org, Caller: ref.ID, Idempotency: who.Idempotency, APIKey: minted.Key.ID, Sealed: sealed, On: r.now(), Version: known.Version + 1,
	}}}, nil
}

// unlessRepeated returns err, or [Stale] if the same request was made in the
// meantime: that request may be the cause of err, for instance because it filled
// the quota. It cannot be the cause of a fault of the request or of an outage.
func (r *Rules) unlessRepeated(ctx context.Context, who principal, known Outcome, err error) error {
	ref := who.outcomeRef()
	if kind := KindOf(err); !ref.isSet() || kind == Invalid || kind == Unavailable {
		return err
	}
	found, failed := r.Store.Read(ctx, ref)
	if failed != nil {
		return failed
	}
	if now, _ := found.Outcome(ref); now.Version != known.Version {
		return StaleError()
	}
	return err
}

func reusedError(detail string) *Error {
	return &Error{Kind: Reused, Detail: detail, Fields: []FieldError{{"Idempotency-Key", FieldConflict, detail}}}
}
