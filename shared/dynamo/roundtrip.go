package dynamo

import (
	"fmt"
	"maps"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/dynamo/schema"
)

// roundTrip returns the item of a value. It fails the plan if this version
// would not decode the item to the same value, because a record that cannot be
// read can be neither changed nor listed. It does no I/O. Its errors name
// attributes and never show values.
func roundTrip[T any](p *plan, at itemKey, value T, encode func(T) item, decode func(item) (T, error)) item {
	encoded := encode(value)
	stored := at.key()
	stored["keyCount"] = number(0) // an owner's count, which is adjusted separately
	maps.Copy(stored, encoded)
	read, err := decode(stored)
	if err == nil {
		err = difference(encoded, encode(read))
	}
	if err != nil {
		p.fail(fmt.Errorf("it would not read back as it is: %T: %w", value, err))
	}
	return encoded
}

// withPosition is decode for items that are listed by a time and an id in an
// attribute which decode itself does not read.
func withPosition[T any](attribute string, decode func(item) (T, error)) func(item) (T, error) {
	return func(encoded item) (T, error) {
		value, err := decode(encoded)
		r := &reader{item: encoded, err: err}
		r.position(attribute)
		return value, r.err
	}
}

var (
	decodeListedKey    = withPosition(schema.ListingSortKey, decodeKey)
	decodeLoggedRecord = withPosition(schema.SortKey, decodeAudit)
)

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
