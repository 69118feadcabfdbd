package dynamo

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// formatAttribute is the lowest format that a reader of the item must know. An
// item without it has the first format.
const formatAttribute = "format"

const firstFormat = 1

// requiredFormats maps each attribute that readers must not ignore to the
// format that introduced it. Such an attribute forbids something: a reader that
// ignored it would allow more. Add yours here with the next number. Name a
// nested attribute by its path, such as "routes.methods". Its zero value must
// mean the same as its absence, and requires no format. So after a rollback to
// an older version, only the records that use the attribute are refused.
//
// Older versions do not read new kinds of items at all. So a new kind that
// forbids something also needs such an attribute in an item that they do read.
var requiredFormats = map[string]int{"deletedOn": 2}

// newestFormat is the newest format that this version knows.
var newestFormat = slices.Max(append(slices.Collect(maps.Values(requiredFormats)), firstFormat))

// formatted adds the format that an item's attributes require.
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

// errFormat is the error of a record with a newer format.
var errFormat = errors.New("record of a newer version")

// decodeChecked decodes an item if this version knows its format. It refuses
// any other item, because it cannot tell what the item forbids.
func decodeChecked[T any](encoded item, attributes func(*codec, *T)) (T, error) {
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
	return decode(encoded, attributes)
}
