package dynamo

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// render returns the step as one DynamoDB operation.
func (s *step) render() types.TransactWriteItem {
	x := expressions{names: make(map[string]string), values: make(item)}
	condition := x.condition(s.conditions)
	old := s.wantsOld()
	switch {
	case s.put != nil:
		whole := s.key()
		maps.Copy(whole, s.put)
		return types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: whole, ConditionExpression: condition,
			ExpressionAttributeNames: nilIfEmpty(x.names), ExpressionAttributeValues: nilIfEmpty(x.values), ReturnValuesOnConditionCheckFailure: old,
		}}
	case s.remove:
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: s.key(), ConditionExpression: condition,
			ExpressionAttributeNames: nilIfEmpty(x.names), ExpressionAttributeValues: nilIfEmpty(x.values), ReturnValuesOnConditionCheckFailure: old,
		}}
	case s.set != nil || s.repeat != nil || s.delta != 0:
		update := x.update(s.attributes(), s.delta)
		return types.TransactWriteItem{Update: &types.Update{
			TableName: &s.table, Key: s.key(), ConditionExpression: condition, UpdateExpression: &update,
			ExpressionAttributeNames: nilIfEmpty(x.names), ExpressionAttributeValues: nilIfEmpty(x.values), ReturnValuesOnConditionCheckFailure: old,
		}}
	default:
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: s.key(), ConditionExpression: condition,
			ExpressionAttributeNames: nilIfEmpty(x.names), ExpressionAttributeValues: nilIfEmpty(x.values), ReturnValuesOnConditionCheckFailure: old,
		}}
	}
}

// attributes returns everything that the step sets.
func (s *step) attributes() item {
	all := make(item, len(s.set)+len(s.repeat))
	maps.Copy(all, s.set)
	maps.Copy(all, s.repeat)
	return all
}

// wantsOld requests the old item if there are several conditions, to find out
// which one failed.
func (s *step) wantsOld() types.ReturnValuesOnConditionCheckFailure {
	if len(s.conditions) > 1 {
		return types.ReturnValuesOnConditionCheckFailureAllOld
	}
	return ""
}

// expressions collects the placeholders of one operation. Every attribute gets
// one, because DynamoDB reserves many names.
type expressions struct {
	names  map[string]string
	values item
}

// nilIfEmpty returns nil for no placeholders, as DynamoDB requires.
func nilIfEmpty[M ~map[string]V, V any](placeholders M) M {
	if len(placeholders) == 0 {
		return nil
	}
	return placeholders
}

// name adds the attributes in an expression.
func (x expressions) name(expression string) {
	for _, word := range strings.FieldsFunc(expression, func(c rune) bool { return strings.ContainsRune(" ()=<>,+", c) }) {
		if attribute, ok := strings.CutPrefix(word, "#"); ok {
			x.names[word] = attribute
		}
	}
}

// condition joins conditions with AND. A number keeps the values of each apart.
func (x expressions) condition(conditions []condition) *string {
	if len(conditions) == 0 {
		return nil
	}
	var parts []string
	for i, c := range conditions {
		expression := c.expression
		for placeholder, value := range c.values {
			numbered := placeholder + strconv.Itoa(i)
			expression = strings.ReplaceAll(expression, placeholder, numbered)
			x.values[numbered] = value
		}
		x.name(expression)
		parts = append(parts, "("+expression+")")
	}
	joined := strings.Join(parts, " AND ")
	return &joined
}

// update returns an expression that sets attributes and adjusts the count of
// keys.
func (x expressions) update(set item, by int) string {
	var parts []string
	for _, attribute := range slices.Sorted(maps.Keys(set)) {
		parts = append(parts, "#"+attribute+" = :set_"+attribute)
		x.values[":set_"+attribute] = set[attribute]
	}
	if by != 0 {
		parts = append(parts, "#keyCount = #keyCount + :by")
		x.values[":by"] = number(by)
	}
	expression := "SET " + strings.Join(parts, ", ")
	x.name(expression)
	return expression
}
