package dynamo

import (
	"fmt"
	"maps"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// roundTrip returns the item of a value. It fails the plan if this version
// would not decode the item to the same value, because a record that cannot be
// read can be neither changed nor listed. It does no I/O. Its errors name
// attributes and never show values.
func roundTrip[T any](p *plan, at itemKey, value T, attributes func(*codec, *T)) item {
	encoded := encode(value, attributes)
	stored := at.key()
	stored["keyCount"] = number(0) // an owner's count, which is adjusted separately
	maps.Copy(stored, encoded)
	read, err := decode(stored, attributes)
	if err == nil {
		err = difference(encoded, encode(read, attributes))
	}
	if err != nil {
		p.fail(fmt.Errorf("it would not read back as it is: %T: %w", value, err))
	}
	return encoded
}

// difference returns an error that names an attribute which differs between the
// items; nil if they are equal.
func difference(written, read item) error {
	for attribute, value := range written {
		if !same(value, read[attribute]) {
			return fmt.Errorf("attribute %s is read as something else", attribute)
		}
	}
	if len(written) != len(read) {
		return fmt.Errorf("%d attributes are read as %d", len(written), len(read))
	}
	return nil
}

// same reports whether a value is read as it was written. Text that is not
// UTF-8 is not: DynamoDB replaces it.
func same(written, read types.AttributeValue) bool {
	switch w := written.(type) {
	case *types.AttributeValueMemberS:
		r, ok := read.(*types.AttributeValueMemberS)
		return ok && w.Value == r.Value && utf8.ValidString(w.Value)
	case *types.AttributeValueMemberN:
		r, ok := read.(*types.AttributeValueMemberN)
		return ok && w.Value == r.Value
	case *types.AttributeValueMemberBOOL:
		r, ok := read.(*types.AttributeValueMemberBOOL)
		return ok && w.Value == r.Value
	case *types.AttributeValueMemberB:
		r, ok := read.(*types.AttributeValueMemberB)
		return ok && string(w.Value) == string(r.Value)
	case *types.AttributeValueMemberM:
		r, ok := read.(*types.AttributeValueMemberM)
		return ok && difference(w.Value, r.Value) == nil
	case *types.AttributeValueMemberL:
		r, ok := read.(*types.AttributeValueMemberL)
		if !ok || len(w.Value) != len(r.Value) {
			return false
		}
		for i := range w.Value {
			if !same(w.Value[i], r.Value[i]) {
				return false
			}
		}
		return true
	default:
		return false
	}
}
