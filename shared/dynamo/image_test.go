package dynamo

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An item in DynamoDB's JSON is read as the client reads it. What is no item, or
// has a value of a type that no record uses, is an error.
func TestDecodeImage(t *testing.T) {
	got, err := decodeImage(json.RawMessage(`{"s":{"S":""},"n":{"N":"12"},"b":{"B":"AQI="},"t":{"BOOL":false},"l":{"L":[{"S":"x"},{"L":[]}]},"m":{"M":{"k":{"S":"v"}}}}`))
	want := item{
		"s": text(""), "n": number(12), "b": binary([]byte{1, 2}), "t": boolean(false),
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("x"), &types.AttributeValueMemberL{Value: []types.AttributeValue{}}}},
		"m": mapOf(item{"k": text("v")}),
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, %v", got, err)
	}
	for _, bad := range []string{`[]`, `{`, `"x"`, `{"a":1}`, `{"a":{}}`, `{"a":{"X":"1"}}`, `{"a":{"L":[{}]}}`, `{"a":{"M":{"b":{"SS":["x"]}}}}`, `{"a":{"S":1}}`} {
		if got, err := decodeImage(json.RawMessage(bad)); err == nil {
			t.Errorf("%s was read as %v", bad, got)
		}
	}
}
