package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
	"github.com/keyward/keyward/shared/keytext"
)

const (
	isNew  = "attribute_not_exists(#" + schema.PartitionKey + ")"
	exists = "attribute_exists(#" + schema.PartitionKey + ")"
)

func stale(item) *apikey.Error { return apikey.StaleError() }

func taken(subject apikey.Subject) func(item) *apikey.Error {
	return func(item) *apikey.Error { return apikey.NameError(subject) }
}

func there() condition {
	return condition{expression: exists, broken: stale, holds: func(old item) bool { return len(old) > 0 }}
}

// inVersion says that the item is there in that version; 0, that it is not there.
func inVersion(version int64) condition {
	if version == 0 {
		return condition{expression: isNew, broken: stale, holds: func(old item) bool { return len(old) == 0 }}
	}
	return asWas(version)
}

// unlessDamaged says that the item is there, and in that version unless it is
// damaged.
func unlessDamaged(damaged bool, version int64) condition {
	if damaged {
		return there()
	}
	return asWas(version)
}

// ofOrg says that the item is there and the organization's.
func ofOrg(org apikey.OrgID) condition {
	return condition{expression: "#org = :v", values: item{":v": text(string(org))}, broken: stale}
}

// asWas says that the item is there, in that version.
func asWas(version int64) condition {
	return condition{
		expression: "#version = :v", values: item{":v": number(version)}, broken: stale,
		holds: numberIs("version", func(n int64) bool { return n == version }),
	}
}

// live says that a policy is there and is no tombstone.
func live() condition {
	return condition{
		expression: "#deleted = :v", values: item{":v": boolean(false)}, broken: stale,
		holds: func(old item) bool {
			r := &reader{item: old}
			return !r.boolean("deleted") && r.err == nil
		},
	}
}

// roomForOne is the quota of an organization, which is in its record.
func roomForOne() condition {
	return condition{
		expression: "#keyCount < #maxKeys",
		holds: func(old item) bool {
			r := &reader{item: old}
			return r.number("keyCount", 0) < r.number("maxKeys", 0) && r.err == nil
		},
		broken: func(old item) *apikey.Error {
			r := &reader{item: old}
			if limit := r.number("maxKeys", 0); r.err == nil {
				return apikey.QuotaError(int(limit))
			}
			return apikey.StaleError()
		},
	}
}

// countingBelow is a quota of an organization that a change brings along.
func countingBelow(limit int) condition {
	return condition{
		expression: "#keyCount < :v", values: item{":v": number(limit)},
		holds:  numberIs("keyCount", func(count int64) bool { return count < int64(limit) }),
		broken: func(item) *apikey.Error { return apikey.QuotaError(limit) },
	}
}

// roomFor is the quota of a user.
func roomFor(n int) condition {
	most := int64(apikey.MaxPersonalKeys - n)
	return condition{
		expression: "#keyCount <= :v", values: item{":v": number(most)},
		holds:  numberIs("keyCount", func(count int64) bool { return count <= most }),
		broken: func(item) *apikey.Error { return apikey.UserQuotaError() },
	}
}

// counting says that an owner counts n keys.
func counting(n int) condition {
	return condition{
		expression: "#keyCount = :v", values: item{":v": number(n)}, broken: stale,
		holds: numberIs("keyCount", func(count int64) bool { return count == int64(n) }),
	}
}

// countingAtLeast says that an owner is there and counts n keys or more. A home
// that was lost can leave a count that misses some: it must not keep a key from
// being deleted.
func countingAtLeast(n int) condition {
	return condition{
		expression: "#keyCount >= :v", values: item{":v": number(n)},
		holds: numberIs("keyCount", func(count int64) bool { return count >= int64(n) }),
	}
}

func numberIs(attribute string, right func(int64) bool) func(item) bool {
	return func(old item) bool {
		r := &reader{item: old}
		n := r.number(attribute, 0)
		return r.err == nil && right(n)
	}
}

// claimed says that a name is the thing's, or nobody's. Where it is another's, or
// nobody can tell whose, it stays: it does not stand in the way of a deletion.
func claimed(id keytext.ID) condition {
	return condition{expression: isNew + " OR #key = :v", values: item{":v": text(id.String())}}
}

// ofService says that an API is the service's, or nobody's. Where broken is nil,
// it stays as it is otherwise.
func ofService(service apikey.Service, broken func(item) *apikey.Error) condition {
	return condition{
		expression: isNew + " OR #id = :v AND #org = :w", broken: broken,
		values: item{":v": text(service.ID), ":w": text(string(service.Org))},
	}
}

func boolean(value bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: value} }
