package reference

import (
	"github.com/keyward/keyward/shared/apigw"
	"github.com/keyward/keyward/shared/apigw/strict"
	"github.com/keyward/keyward/shared/apikey"
)

// fault is what is wrong with one field of a request.
type fault struct {
	Code apikey.FieldCode
	Says string
}

// faults are the codes in the errors of an INVALID_REQUEST.
var faults = []fault{
	{apikey.FieldRequired, "It is missing, and must be there."},
	{apikey.FieldTooLong, "It is longer than its limit, which the sentence names. Lengths count bytes."},
	{apikey.FieldCharacters, "It has characters that it must not have, such as control characters, or is not valid UTF-8."},
	{apikey.FieldValue, "Its value is not one that it can have."},
	{apikey.FieldPermission, "No registered service declares this permission."},
	{apikey.FieldNotHeld, "You do not hold this yourself, so you cannot grant it."},
	{apikey.FieldPolicy, "There is no such policy."},
	{apikey.FieldUser, "There is no such user."},
	{apikey.FieldService, "There is no such service."},
	{apikey.FieldAddress, "It is not an IP address or CIDR range."},
	{apikey.FieldConflict, "It contradicts another field, or what exists."},
	{strict.Malformed, "The body is not one JSON value, or the form is not one."},
	{strict.Duplicate, "It is there twice."},
	{strict.Unknown, "The object has no such field. Names are case-sensitive."},
	{strict.WrongType, "It is of another JSON type than it must be."},
	{strict.TooDeep, "The body is nested too deeply."},
	{apigw.UnknownParameter, "The operation has no such query parameter."},
}
