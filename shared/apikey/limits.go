package apikey

import "fmt"

// The largest records, in bytes as the store counts them ([Store.Size]).
// DynamoDB allows 409,600 bytes for a record and 4,194,304 for a transaction.
// The limits leave room for two things. One is what Keyward adds to a record
// later: who changed it and when, counts, versions, a suspension. The other is
// the largest change: a user becomes OWNER. It writes [MaxPersonalKeys]
// disabled keys, the organization and all audit records, and can have a
// condition on everything that was read.
//
// A record from an earlier version may be larger. It can be changed as long as
// it does not grow.
const (
	MaxKeyRecord    = 80_000
	MaxPolicyRecord = 240_000
	MaxUserRecord   = 240_000
	// MaxServiceRecord limits one record of a service. MaxServiceRecords limits
	// all of them together, because a service is stored once more for each of
	// its APIs. A new DynamoDB table writes no more than that in a second.
	MaxServiceRecord  = 192_000
	MaxServiceRecords = 2_000_000
	// MaxOrganizationRecord is mostly for the permissions that services declare
	// and the names of those that are being withdrawn.
	MaxOrganizationRecord = 390_000
)

// maxGrownKeyRecord has room for a key of [MaxKeyRecord] with what Keyward adds
// to it later: [MaxOlder] older secrets, a report that it has leaked, who
// changed it, and its deletion.
const maxGrownKeyRecord = MaxKeyRecord + 8_000

// checkSize returns a fault if a record is larger than limit and has grown. The
// zero before stands for a new record.
func (r *Rules) checkSize(field, what string, limit int, before, after any) []FieldError {
	size := r.Store.Size(after)
	if size <= limit || size <= r.Store.Size(before) {
		return nil
	}
	return []FieldError{{field, FieldTooLong, fmt.Sprintf("%s can take at most %d bytes in storage; this would take %d.", what, limit, size)}}
}

// checkCopiesSize returns a fault if a service's records are too large for one
// change and have grown.
func (r *Rules) checkCopiesSize(before, after Service) []FieldError {
	size, copies := r.Store.Size(after), len(after.APIs)+1
	if size*copies <= MaxServiceRecords || size*copies <= r.Store.Size(before)*(len(before.APIs)+1) {
		return nil
	}
	return []FieldError{{"apis", FieldTooLong, fmt.Sprintf(
		"A service is stored once, and once more for each of its APIs: %d bytes x %d = %d, of at most %d. Register fewer APIs, or a smaller service.",
		size, copies, size*copies, MaxServiceRecords)}}
}
