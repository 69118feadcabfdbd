package dynamo

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// timeLayout has a fixed width, so that times sort as text.
const timeLayout = "2006-01-02T15:04:05.000Z"

// item is a DynamoDB item, or a map inside one.
type item = map[string]types.AttributeValue

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func binary(value []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: value} }

func mapOf(inner item) types.AttributeValue { return &types.AttributeValueMemberM{Value: inner} }

func number[N ~int | ~int64](value N) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(int64(value), 10)}
}

func moment(value time.Time) types.AttributeValue { return text(formatTime(value)) }

// optionalMoment encodes the zero time as "".
func optionalMoment(value time.Time) types.AttributeValue {
	if value.IsZero() {
		return text("")
	}
	return moment(value)
}

func formatTime(value time.Time) string { return value.UTC().Format(timeLayout) }

func texts[S ~[]string](values S) types.AttributeValue { return list(values, text) }

func list[S ~[]E, E any](values S, encode func(E) types.AttributeValue) types.AttributeValue {
	encoded := make([]types.AttributeValue, len(values))
	for i, value := range values {
		encoded[i] = encode(value)
	}
	return &types.AttributeValueMemberL{Value: encoded}
}

// reader reads an item's attributes and remembers the first fault. Its errors
// name attributes and never show values.
type reader struct {
	item item
	err  error
}

func (r *reader) fail(attribute, fault string) {
	if r.err == nil {
		r.err = fmt.Errorf("damaged record: attribute %s %s", attribute, fault)
	}
}

func (r *reader) has(attribute string) bool { return r.item[attribute] != nil }

// lacks reports whether the item has none of the attributes, because an earlier
// version wrote it.
func (r *reader) lacks(attributes ...string) bool { return !slices.ContainsFunc(attributes, r.has) }

func (r *reader) text(attribute string) string {
	value, ok := r.item[attribute].(*types.AttributeValueMemberS)
	if !ok {
		r.fail(attribute, "is not a string")
		return ""
	}
	return value.Value
}

func (r *reader) bytes(attribute string) []byte {
	value, ok := r.item[attribute].(*types.AttributeValueMemberB)
	if !ok {
		r.fail(attribute, "is not binary")
		return nil
	}
	return value.Value
}

// number reads a whole number of at least least.
func (r *reader) number(attribute string, least int64) int64 {
	value, ok := r.item[attribute].(*types.AttributeValueMemberN)
	if !ok {
		r.fail(attribute, "is not a number")
		return 0
	}
	n, err := strconv.ParseInt(value.Value, 10, 64)
	if err != nil || n < least {
		r.fail(attribute, "is out of range")
		return 0
	}
	return n
}

func (r *reader) moment(attribute string) time.Time {
	value, err := time.Parse(timeLayout, r.text(attribute))
	if err != nil {
		r.fail(attribute, "is not a time")
	}
	return value
}

func (r *reader) optionalMoment(attribute string) time.Time {
	if r.text(attribute) == "" {
		return time.Time{}
	}
	return r.moment(attribute)
}

func (r *reader) boolean(attribute string) bool {
	value, ok := r.item[attribute].(*types.AttributeValueMemberBOOL)
	if !ok {
		r.fail(attribute, "is not a boolean")
		return false
	}
	return value.Value
}

func (r *reader) id(attribute string) uuid.UUID {
	id, err := uuid.Parse(r.text(attribute))
	if err != nil {
		r.fail(attribute, "is not an id")
	}
	return id
}

func (r *reader) optionalID(attribute string) uuid.UUID {
	if r.text(attribute) == "" {
		return uuid.UUID{}
	}
	return r.id(attribute)
}

func (r *reader) org(attribute string) apikey.OrgID {
	id := apikey.OrgID(r.text(attribute))
	if !id.Valid() {
		r.fail(attribute, "is not an organization's id")
	}
	return id
}

func (r *reader) texts(attribute string) []string {
	return listOf(r, attribute, func(value types.AttributeValue) (string, bool) {
		member, ok := value.(*types.AttributeValueMemberS)
		if !ok {
			return "", false
		}
		return member.Value, true
	})
}

// permissions reads a set. It must be sorted, because it is searched.
func (r *reader) permissions(attribute string) permission.Set {
	set := r.texts(attribute)
	for i := 1; i < len(set); i++ {
		if set[i-1] >= set[i] {
			r.fail(attribute, "is not a sorted set")
		}
	}
	return set
}

// listOf reads a list. It returns nil for an empty one, like the rules.
func listOf[T any](r *reader, attribute string, decode func(types.AttributeValue) (T, bool)) []T {
	member, ok := r.item[attribute].(*types.AttributeValueMemberL)
	if !ok {
		r.fail(attribute, "is not a list")
		return nil
	}
	var values []T
	for _, element := range member.Value {
		value, ok := decode(element)
		if !ok {
			r.fail(attribute, "has a damaged element")
			return nil
		}
		values = append(slices.Grow(values, len(member.Value)-len(values)), value)
	}
	return values
}
