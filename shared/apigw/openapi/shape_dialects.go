package openapi

import (
	"github.com/keyward/keyward/shared/dialect/catena"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
)

// whole says what becomes of a list without pages that is too long; the path is
// where it has some.
func whole(path string) string {
	return " The list has no pages and is never cut: one that is too long for an answer, about 5 MB, is refused with 400. Read it at " + path + "."
}

// effect says when a change holds that the Catena document calls immediate.
const effect = " It takes effect where keys are used within 5 seconds by default, and at once where KEYWARD_CACHE_TTL_SECONDS is 0 and no gateway keeps the authorizer's answers: every use of a key then waits for a read of DynamoDB."

var catenaShapes = map[string]shape{
	"create-apikey":    {body: typeOf[catena.KeyBody](), answer: typeOf[catena.Key](), secret: "api_key"},
	"list-apikeys":     {answer: typeOf[catena.KeyList](), besides: whole("/v1/apikeys")},
	"get-apikey":       ofKey(shape{answer: typeOf[catena.Key]()}),
	"update-apikey":    forcible(ofKey(shape{body: typeOf[catena.UpdateBody](), answer: typeOf[catena.Key](), besides: effect})),
	"delete-apikey":    forcible(ofKey(shape{besides: effect})),
	"create-policy":    {body: typeOf[catena.PolicyBody](), answer: typeOf[catena.Policy]()},
	"list-policies":    {answer: typeOf[catena.PolicyList](), besides: whole("/v1/policies")},
	"get-policy":       ofPolicy(shape{answer: typeOf[catena.Policy]()}),
	"update-policy":    forcible(ofPolicy(shape{body: typeOf[catena.PolicyBody](), answer: typeOf[catena.Policy](), besides: effect})),
	"delete-policy":    forcible(ofPolicy(shape{besides: effect})),
	"list-permissions": {answer: typeOf[catena.PermissionList]()},
}

var supermetricsShapes = map[string]shape{
	"create-apikey": {body: typeOf[supermetrics.KeyBody](), answer: typeOf[supermetrics.KeyAnswer]()},
	"list-apikeys":  {answer: typeOf[supermetrics.KeyListAnswer](), besides: whole("/v1/apikeys")},
	"reveal-apikey": {subject: "key", answer: typeOf[supermetrics.KeyAnswer](), query: []object{{
		{"name", "show_key_value"}, {"in", "query"},
		{"description", "Show a recoverable key's value. That is recorded in the audit log first. true, false, 1 or 0, in any case; true where it has no value, false where it is absent."},
		{"allowEmptyValue", true},
		{"schema", object{{"type", "string"}, {"pattern", "^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|1|0|)$"}, {"default", "false"}}},
	}}},
	"patch-apikey": forcible(shape{subject: "key", body: typeOf[supermetrics.KeyPatch](), answer: typeOf[supermetrics.KeyAnswer]()}),
}
