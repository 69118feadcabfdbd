package openapi

import (
	"reflect"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/operations"
)

// shape is what an operation takes and gives in a dialect, besides what the
// table of operations says.
type shape struct {
	// body and answer are nil where there is none.
	body, answer reflect.Type
	query        []object
	// subject is what the path's id is of, and idFormat its format, if it has
	// one.
	subject, idFormat string
	// tagged answers carry an ETag; untagged ones perhaps.
	tagged, untagged bool
	// creates operations may also answer 201.
	creates bool
	// later is the answer of status 202, where something is left to do; nil where
	// there is none.
	later reflect.Type
	// conflicts operations may answer 409 without a body.
	conflicts bool
	// besides is what the description says after who may call the operation.
	besides string
	// secret is a member that this answer always has, and its type elsewhere
	// never.
	secret string
}

// shapes are all of them, by dialect and operation.
var shapes = map[operations.Dialect]map[string]shape{
	operations.Canonical:    canonicalShapes,
	operations.Catena:       catenaShapes,
	operations.Supermetrics: supermetricsShapes,
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

var canonicalShapes = map[string]shape{
	"create-apikey": {body: typeOf[canonical.KeyBody](), answer: typeOf[canonical.APIKey](), tagged: true, secret: "apiKey"},
	"list-apikeys": {answer: typeOf[canonical.APIKeyList](), query: listing(
		parameter("policyId", "uuid", "Only keys that have this policy."),
		parameter("onBehalfOf", "uuid", "Only keys of this user."),
		parameter("createdBy", "uuid", "Only keys that this actor made: the id of a key or user."),
		parameter("name", "", "Only the key of this name, in whatever form of Unicode it is written.").limited("minLength", 1),
	)},
	"get-apikey":    ofKey(shape{answer: typeOf[canonical.APIKey](), tagged: true}),
	"update-apikey": forcible(ofKey(shape{body: typeOf[canonical.KeyPutBody](), answer: typeOf[canonical.APIKey](), tagged: true})),
	"patch-apikey":  forcible(ofKey(shape{body: typeOf[canonical.KeyPatch](), answer: typeOf[canonical.APIKey](), tagged: true})),
	"delete-apikey": forcible(ofKey(shape{})),
	"reveal-apikey": ofKey(shape{answer: typeOf[canonical.RevealedKey](), conflicts: true}),

	"create-policy": {body: typeOf[canonical.PolicyBody](), answer: typeOf[canonical.Policy](), tagged: true},
	"list-policies": {answer: typeOf[canonical.PolicyList](), query: listing()},
	"get-policy":    ofPolicy(shape{answer: typeOf[canonical.Policy](), tagged: true}),
	"update-policy": forcible(ofPolicy(shape{body: typeOf[canonical.PolicyBody](), answer: typeOf[canonical.Policy](), tagged: true})),
	"patch-policy":  forcible(ofPolicy(shape{body: typeOf[canonical.PolicyPatch](), answer: typeOf[canonical.Policy](), tagged: true})),
	"delete-policy": forcible(ofPolicy(shape{query: []object{
		parameter("confirm", "", "Delete the policy's keys as well: the confirm of the 409 that this request was answered with before."),
	}})),

	"list-permissions": {answer: typeOf[canonical.PermissionList]()},
	"put-service":      ofService(shape{body: typeOf[canonical.ServiceBody](), answer: typeOf[canonical.Service](), tagged: true, creates: true, query: []object{force(withdraws)}}),
	"list-services":    {answer: typeOf[canonical.ServiceList](), query: listing()},
	"get-service":      ofService(shape{answer: typeOf[canonical.Service](), tagged: true}),
	"delete-service":   ofService(shape{conflicts: true, later: typeOf[canonical.Withdrawal](), query: []object{force(withdraws)}}),

	"create-user": {body: typeOf[canonical.UserBody](), answer: typeOf[canonical.User](), tagged: true},
	"list-users":  {answer: typeOf[canonical.UserList](), query: listing()},
	"get-user":    ofUser(shape{answer: typeOf[canonical.User](), tagged: true}),
	"update-user": forcible(ofUser(shape{body: typeOf[canonical.UserBody](), answer: typeOf[canonical.User](), tagged: true})),
	"patch-user":  forcible(ofUser(shape{body: typeOf[canonical.UserPatch](), answer: typeOf[canonical.User](), tagged: true})),
	"delete-user": forcible(ofUser(shape{})),

	"list-audit-events": {answer: typeOf[canonical.AuditEventList](), query: listing(
		parameter("target", "", "Only events about this: an id, or the name of a service, an organization or permissions.").limited("minLength", 1),
		parameter("keyId", "uuid", "The key that was used."),
		parameter("actor", "uuid", "Only what this actor did: the id of a key or user."),
		parameter("action", "", "Only this action.").limited("enum", apikey.Actions),
		parameter("from", "date-time", "Only events at this time or later."),
		parameter("to", "date-time", "Only events before this time."),
	)},
	"get-organization":    {answer: typeOf[canonical.Organization](), tagged: true},
	"update-organization": {body: typeOf[canonical.SettingsBody](), answer: typeOf[canonical.Organization](), tagged: true},
	"patch-organization":  {body: typeOf[canonical.SettingsPatch](), answer: typeOf[canonical.Organization](), tagged: true},
	"whoami":              {answer: typeOf[canonical.WhoAmI](), untagged: true},
	"get-openapi":         {answer: typeOf[any]()},
}

func ofKey(s shape) shape     { s.subject, s.idFormat = "key", "uuid"; return s }
func ofPolicy(s shape) shape  { s.subject, s.idFormat = "policy", "uuid"; return s }
func ofUser(s shape) shape    { s.subject, s.idFormat = "user", "uuid"; return s }
func ofService(s shape) shape { s.subject = "service"; return s }

// What force is for.
const (
	withdraws = "Take permissions that no service declares any more out of every key, policy and user that has them."
	lastKey   = "Do it even where no key could administer keys afterwards, which is otherwise refused with LAST_ADMIN_KEY."
)

// forcible is an operation that may end the last key that can administer keys.
func forcible(s shape) shape {
	s.conflicts, s.query = true, append(s.query, force(lastKey))
	return s
}

func force(description string) object {
	return object{
		{"name", "force"}, {"in", "query"}, {"description", description},
		{"schema", object{{"type", "boolean"}, {"default", false}}},
	}
}

// listing are the parameters of a listing in pages, and those that filter it.
func listing(filters ...object) []object {
	return append([]object{
		{
			{"name", "limit"}, {"in", "query"}, {"description", "How many items a page has at most. It has fewer where they are large, or where a filter leaves much out: only a page without nextCursor is the last."},
			{"schema", object{{"type", "integer"}, {"minimum", 1}, {"maximum", apikey.MaxPage}, {"default", apikey.MaxPage}}},
		},
		parameter("cursor", "", "The nextCursor of the page before."),
	}, filters...)
}

// parameter is an optional query parameter.
func parameter(name, format, description string) object {
	schema := object{{"type", "string"}}
	if format != "" {
		schema = schema.with("format", format)
	}
	return object{{"name", name}, {"in", "query"}, {"description", description}, {"schema", schema}}
}

// limited is the parameter with one more member in its schema, the last member.
func (o object) limited(name string, value any) object {
	schema, _ := o[len(o)-1].value.(object)
	return append(o[:len(o)-1:len(o)-1], member{"schema", schema.with(name, value)})
}
