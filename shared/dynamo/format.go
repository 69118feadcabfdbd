package dynamo

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// formatAttribute is the format that a reader of the item must know, the lowest
// that will do. An item without it is of the first.
const formatAttribute = "format"

const firstFormat = 1

// demands are the attributes that no reader may pass over, because the record
// would allow more without them, by the format that brought them. Whoever adds
// such an attribute adds it here, with the next number. One inside others is
// named with them, such as "routes.methods". At its zero value an attribute must
// mean what its absence means, and demands nothing: going back to an older
// version then stops only what uses the attribute.
//
// A new kind of item that forbids something is not read by older versions at
// all, so it needs such an attribute in an item that they do read.
var requiredFormats = map[string]int{}

// newestFormat is the newest that this version knows.
var newestFormat = slices.Max(append(slices.Collect(maps.Values(requiredFormats)), firstFormat))

// formatted adds to an item's attributes the format that they demand.
func formatted(attributes item) item {
	attributes[formatAttribute] = number(requiredFormat("", attributes))
	return attributes
}

func requiredFormat(path string, attributes item) int {
	format := firstFormat
	for name, value := range attributes {
		if inUse(value) {
			format = max(format, requiredFormats[path+name], requiredInside(path+name+".", value))
		}
	}
	return format
}

func requiredInside(path string, value types.AttributeValue) int {
	format := firstFormat
	switch v := value.(type) {
	case *types.AttributeValueMemberM:
		format = requiredFormat(path, v.Value)
	case *types.AttributeValueMemberL:
		for _, element := range v.Value {
			format = max(format, requiredInside(path, element))
		}
	}
	return format
}

// inUse reports whether a value is not the zero value of its type.
func inUse(value types.AttributeValue) bool {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return v.Value != ""
	case *types.AttributeValueMemberN:
		return v.Value != "0"
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberB:
		return len(v.Value) > 0
	case *types.AttributeValueMemberL:
		return len(v.Value) > 0
	case *types.AttributeValueMemberM:
		return len(v.Value) > 0
	default:
		return true
	}
}

// errFormat is why a record is not looked at.
var errFormat = errors.New("record of a newer version")

// decoded is what decode makes of an item whose format this version knows. Any
// other is refused whole: what it forbids cannot be told.
func decodeChecked[T any](encoded item, decode func(item) (T, error)) (T, error) {
	r := &reader{item: encoded}
	if r.has(formatAttribute) {
		if format := r.number(formatAttribute, firstFormat); r.err == nil && format > int64(newestFormat) {
			r.err = fmt.Errorf("attribute %s is %d, and this version knows %d", formatAttribute, format, newestFormat)
		}
	}
	if r.err != nil {
		var none T
		return none, fmt.Errorf("%w: %w", errFormat, r.err)
	}
	return decode(encoded)
}
