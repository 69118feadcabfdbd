package apikey

import "fmt"

// DefaultMaxKeys is an organization's quota of keys if none is set (the Polaris
// document).
const DefaultMaxKeys = 20

// maxMaxKeys limits the quota, so that listing all keys of an organization
// stays feasible.
const maxMaxKeys = 1_000_000

// MaxPersonalKeys is how many personal keys a user can have. Removing the user
// disables them all in one transaction.
const MaxPersonalKeys = 20

// checkQuota returns the limit on the organization's keys for this caller, or
// [QuotaReached] if it is reached. For a caller who can create only keys of their
// own, the limit is half of the quota, rounded up, whoever has the existing keys.
// Otherwise one user could use up the quota, and nobody could create a successor
// for a leaked key.
func (who principal) checkQuota(org Organization) (limit int, err error) {
	if who.grant.Permissions.HasAny(who.createPermissions()...) {
		limit = org.MaxKeys
	} else {
		limit = (org.MaxKeys + 1) / 2
	}
	switch {
	case org.KeyCount < limit:
		return limit, nil
	case org.KeyCount < org.MaxKeys:
		return 0, &Error{Kind: QuotaReached, Detail: fmt.Sprintf(
			"Users can create API keys of their own only until the organization has %d keys, half of its limit. Ask someone who manages its keys.", limit)}
	}
	return 0, QuotaError(org.MaxKeys)
}

// QuotaError returns the error for an organization that has all its keys, for
// rules and stores alike.
func QuotaError(limit int) *Error {
	return &Error{Kind: QuotaReached, Detail: fmt.Sprintf("The organization has reached its limit of %d API keys. Delete a key, or ask an OWNER to raise the limit.", limit)}
}

// UserQuotaError returns the error for a user who has all their personal keys,
// for rules and stores alike.
func UserQuotaError() *Error {
	return &Error{Kind: QuotaReached, Subject: SubjectUser, Detail: fmt.Sprintf("The user has reached the limit of %d personal keys. Delete one of them first.", MaxPersonalKeys)}
}
