package dynamo

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// DynamoDB's limits, in bytes as it counts them.
const (
	maxItemBytes        = 400 << 10
	maxTransactionBytes = 4 << 20
	maxSortKeyBytes     = 1 << 10
)

// Size implements [apikey.Store]: it returns the bytes that DynamoDB counts for
// a record's item.
func (s *Store) Size(record any) int {
	switch r := record.(type) {
	case apikey.Key:
		return storedSize(s.names.key(r.ID), encode(r, keyAttributes))
	case apikey.Organization:
		return storedSize(s.names.org(r.ID), withZeroCount(encode(r, orgAttributes))) + itemSize(encode(apikey.Status{}, repeatedStatusAttributes))
	case apikey.Policy:
		return storedSize(s.names.policy(r.Org, r.ID), withZeroCount(encode(r, policyAttributes)))
	case apikey.User:
		return storedSize(s.names.user(r.Org, r.ID), withZeroCount(encode(r, userAttributes)))
	case apikey.Service:
		return storedSize(s.names.service(r.Org, r.ID), encode(r, serviceAttributes))
	default:
		return 0
	}
}

func storedSize(at itemKey, attributes item) int {
	return itemSize(at.key()) + itemSize(formatted(attributes))
}

// itemSize returns the size of an item: the names of its attributes and their
// values.
func itemSize(attributes item) int {
	n := 0
	for name, value := range attributes {
		n += len(name) + valueSize(value)
	}
	return n
}

// valueSize returns the size of a value. A list or map takes three bytes, and
// one more for each element.
func valueSize(value types.AttributeValue) int {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return numberSize(v.Value)
	case *types.AttributeValueMemberM:
		return 3 + len(v.Value) + itemSize(v.Value)
	case *types.AttributeValueMemberL:
		n := 3 + len(v.Value)
		for _, element := range v.Value {
			n += valueSize(element)
		}
		return n
	default:
		return 1
	}
}

// numberSize returns the size of a whole number: one byte, one more for each
// two significant digits, in pairs from the end, and one for a sign.
func numberSize(text string) int {
	digits := strings.TrimPrefix(text, "-")
	n := 1 + len(text) - len(digits)
	if len(digits)%2 == 1 {
		digits = "0" + digits
	}
	for strings.HasSuffix(digits, "00") {
		digits = digits[:len(digits)-2]
	}
	return n + len(digits)/2
}
