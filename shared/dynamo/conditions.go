package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/uuid"
)

const (
	isNew  = "attribute_not_exists(#" + schema.PartitionKey + ")"
	exists = "attribute_exists(#" + schema.PartitionKey + ")"
)

func stale(item) *apikey.Error { return apikey.StaleError() }

func nameTaken(subject apikey.Subject) func(item) *apikey.Error {
	return func(item) *apikey.Error { return apikey.NameError(subject) }
}

func present() condition {
	return condition{expression: exists, failure: stale, holds: func(old item) bool { return len(old) > 0 }}
}

// versionOrAbsent requires that the item has that version or, for 0, does not
// exist.
func versionOrAbsent(version int64) condition {
	if version == 0 {
		return condition{expression: isNew, failure: stale, holds: func(old item) bool { return len(old) == 0 }}
	}
	return hasVersion(version)
}

// unlessDamaged requires that the item exists, and unless it is damaged, in
// that version.
func unlessDamaged(damaged bool, version int64) condition {
	if damaged {
		return present()
	}
	return hasVersion(version)
}

// ofOrg requires that the item exists and belongs to the organization.
func ofOrg(org apikey.OrgID) condition {
	return condition{expression: "#org = :v", values: item{":v": text(string(org))}, failure: stale}
}

// hasVersion requires that the item exists in that version.
func hasVersion(version int64) condition { return compared("version", "=", version, stale) }

// hasState requires that a pepper exists in that state.
func hasState(state apikey.PepperState) condition {
	return condition{expression: "#state = :v", values: item{":v": text(string(state))}, failure: stale}
}

// notTombstone requires that a policy exists and is not a tombstone.
func notTombstone() condition {
	return condition{
		expression: "#deleted = :v", values: item{":v": boolean(false)}, failure: stale,
		holds: func(old item) bool {
			r := &reader{item: old}
			return !r.boolean("deleted") && r.err == nil
		},
	}
}

// belowStoredQuota requires that an organization has fewer keys than its record
// allows.
func belowStoredQuota() condition {
	return condition{
		expression: "#keyCount < #maxKeys",
		holds: func(old item) bool {
			r := &reader{item: old}
			return r.number("keyCount", 0) < r.number("maxKeys", 0) && r.err == nil
		},
		failure: func(old item) *apikey.Error {
			r := &reader{item: old}
			if limit := r.number("maxKeys", 0); r.err == nil {
				return apikey.QuotaError(int(limit))
			}
			return apikey.StaleError()
		},
	}
}

// belowQuota requires that an organization has fewer keys than the limit.
func belowQuota(limit int) condition {
	return compared("keyCount", "<", int64(limit), func(item) *apikey.Error { return apikey.QuotaError(limit) })
}

// belowUserQuota requires that a user can have n more personal keys.
func belowUserQuota(n int) condition {
	return compared("keyCount", "<=", int64(apikey.MaxPersonalKeys-n), func(item) *apikey.Error { return apikey.UserQuotaError() })
}

// countIs requires that an owner's count is n.
func countIs(n int) condition { return compared("keyCount", "=", int64(n), stale) }

// countAtLeast requires that an owner exists and that its count is at least n.
// Otherwise the count stays as it is. After the loss of a home region, a count
// can be too low. That must not prevent the deletion of a key.
func countAtLeast(n int) condition { return compared("keyCount", ">=", int64(n), nil) }

// compared requires that a number of the item compares with n as the operator says.
func compared(attribute, operator string, n int64, failure func(item) *apikey.Error) condition {
	return condition{
		expression: "#" + attribute + " " + operator + " :v", values: item{":v": number(n)}, failure: failure,
		holds: func(old item) bool {
			r := &reader{item: old}
			has := r.number(attribute, 0)
			return r.err == nil && comparisons[operator](has, n)
		},
	}
}

var comparisons = map[string]func(has, n int64) bool{
	"=":  func(has, n int64) bool { return has == n },
	"<":  func(has, n int64) bool { return has < n },
	"<=": func(has, n int64) bool { return has <= n },
	">=": func(has, n int64) bool { return has >= n },
}

// claimOf requires that a claim is absent or belongs to that id. Otherwise, or
// if its owner cannot be read, the claim stays and the deletion goes on.
func claimOf(id uuid.UUID) condition {
	return condition{expression: isNew + " OR #key = :v", values: item{":v": text(id.String())}}
}

// ofService requires that an API is absent or belongs to the service. If
// failure is nil, any other API stays as it is.
func ofService(service apikey.Service, broken func(item) *apikey.Error) condition {
	return condition{
		expression: isNew + " OR #id = :v AND #org = :w", failure: broken,
		values: item{":v": text(service.ID), ":w": text(string(service.Org))},
	}
}

func boolean(value bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: value} }
