package apikey

import "fmt"

// The largest records, in bytes as the store counts them ([Store.Size]).
// DynamoDB takes 409,600 bytes a record and 4,194,304 a transaction. Two things
// are left room for. What a record gets later without its writer must fit: who
// changed it and when, counts, versions, a suspension. And the largest change
// must: a user who becomes OWNER, with [MaxPersonalKeys] keys that are disabled,
// the organization, the records of all that, and everything that the change was
// decided on, if that counts as well.
//
// A record that an earlier version stored may be larger. It can be changed as
// long as it does not grow.
const (
	MaxKeyRecord    = 80_000
	MaxPolicyRecord = 240_000
	MaxUserRecord   = 240_000
	// MaxServiceRecord is for one record of a service, and MaxServiceRecords for
	// all of them together: it is kept once more for each of its APIs. A new
	// table of DynamoDB writes no more than that in a second.
	MaxServiceRecord  = 192_000
	MaxServiceRecords = 2_000_000
	// MaxOrganizationRecord is mostly the permissions that services declare, and
	// the names of those that are being withdrawn.
	MaxOrganizationRecord = 390_000
)

// fit finds a record that would be larger than limit, and larger than it was.
// The zero before stands for a new one.
func (k *Keys) checkSize(field, what string, limit int, before, after any) []FieldError {
	size := k.Store.Size(after)
	if size <= limit || size <= k.Store.Size(before) {
		return nil
	}
	return []FieldError{{field, FieldTooLong, fmt.Sprintf("%s takes at most %d bytes as it is stored; this would take %d.", what, limit, size)}}
}

// fitCopies finds a service whose records would be too large for one change.
func (k *Keys) checkCopiesSize(before, after Service) []FieldError {
	size, copies := k.Store.Size(after), len(after.APIs)+1
	if size*copies <= MaxServiceRecords || size*copies <= k.Store.Size(before)*(len(before.APIs)+1) {
		return nil
	}
	return []FieldError{{"apis", FieldTooLong, fmt.Sprintf(
		"A service is stored once, and once more for each of its APIs: %d bytes x %d = %d, of at most %d. Register fewer APIs, or a smaller service.",
		size, copies, size*copies, MaxServiceRecords)}}
}
