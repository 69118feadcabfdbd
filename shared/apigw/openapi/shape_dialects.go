package openapi

import (
	"github.com/keyward/keyward/shared/dialect/catena"
	"github.com/keyward/keyward/shared/dialect/supermetrics"
)

var catenaShapes = map[string]shape{
	"create-apikey":    {body: typeOf[catena.KeyBody](), answer: typeOf[catena.Key](), secret: "api_key"},
	"list-apikeys":     {answer: typeOf[catena.KeyList]()},
	"get-apikey":       ofKey(shape{answer: typeOf[catena.Key]()}),
	"update-apikey":    ofKey(shape{body: typeOf[catena.KeyBody](), answer: typeOf[catena.Key]()}),
	"delete-apikey":    ofKey(shape{}),
	"create-policy":    {body: typeOf[catena.PolicyBody](), answer: typeOf[catena.Policy]()},
	"list-policies":    {answer: typeOf[catena.PolicyList]()},
	"get-policy":       ofPolicy(shape{answer: typeOf[catena.Policy]()}),
	"update-policy":    ofPolicy(shape{body: typeOf[catena.PolicyBody](), answer: typeOf[catena.Policy]()}),
	"delete-policy":    ofPolicy(shape{}),
	"list-permissions": {answer: typeOf[catena.PermissionList]()},
}

var supermetricsShapes = map[string]shape{
	"create-apikey": {body: typeOf[supermetrics.KeyBody](), answer: typeOf[supermetrics.KeyAnswer]()},
	"list-apikeys":  {answer: typeOf[supermetrics.KeyListAnswer]()},
	"reveal-apikey": {subject: "key", answer: typeOf[supermetrics.KeyAnswer](), query: []object{{
		{"name", "show_key_value"}, {"in", "query"},
		{"description", "Show a recoverable key's value. That is recorded in the audit log first."},
		{"schema", object{{"type", "boolean"}, {"default", false}}},
	}}},
	"patch-apikey": {subject: "key", body: typeOf[supermetrics.KeyPatch](), answer: typeOf[supermetrics.KeyAnswer]()},
}
