package dynamo

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dynamo/schema"
)

// AuditRecord decodes an item of the audit table in DynamoDB's JSON, as a stream
// holds it.
func AuditRecord(image json.RawMessage) (apikey.AuditRecord, error) {
	encoded, err := decodeImage(image)
	if err != nil {
		return apikey.AuditRecord{}, err
	}
	return decode(encoded, auditAttributes)
}

// Uses decodes an item of the usage table in DynamoDB's JSON, as a stream holds it.
// counted is false for an item that holds no uses of a day.
func Uses(image json.RawMessage) (uses apikey.Uses, counted bool, err error) {
	encoded, err := decodeImage(image)
	if err != nil {
		return uses, false, err
	}
	if r := (&reader{item: encoded}); !strings.HasPrefix(r.text(schema.SortKey), daySort) {
		return uses, false, r.err
	}
	uses, err = decodeUses(encoded)
	return uses, true, err
}

// decodeImage decodes an item in DynamoDB's JSON.
func decodeImage(image json.RawMessage) (item, error) {
	var attributes map[string]imageValue
	if err := json.Unmarshal(image, &attributes); err != nil {
		return nil, errImage
	}
	return attributesOf(attributes)
}

var errImage = errors.New("damaged record: it is not an item in DynamoDB's JSON")

// imageValue is an attribute value of a type that records use.
type imageValue struct {
	S, N *string
	B    []byte
	BOOL *bool
	L    *[]imageValue
	M    *map[string]imageValue
}

// attributesOf returns the item with those values. An error names the attribute.
func attributesOf(values map[string]imageValue) (item, error) {
	decoded := make(item, len(values))
	for name, value := range values {
		attribute, err := value.attribute()
		if err != nil {
			return nil, fmt.Errorf("damaged record: attribute %s: %w", name, err)
		}
		decoded[name] = attribute
	}
	return decoded, nil
}

var errImageType = errors.New("is of an unknown type")

func (v imageValue) attribute() (types.AttributeValue, error) {
	switch {
	case v.S != nil:
		return text(*v.S), nil
	case v.N != nil:
		return &types.AttributeValueMemberN{Value: *v.N}, nil
	case v.B != nil:
		return binary(v.B), nil
	case v.BOOL != nil:
		return boolean(*v.BOOL), nil
	case v.M != nil:
		inner, err := attributesOf(*v.M)
		return mapOf(inner), err
	case v.L == nil:
		return nil, errImageType
	}
	elements := make([]types.AttributeValue, len(*v.L))
	for i, value := range *v.L {
		element, err := value.attribute()
		if err != nil {
			return nil, err
		}
		elements[i] = element
	}
	return &types.AttributeValueMemberL{Value: elements}, nil
}
