package apigw_test

import (
	"net/http"

	"github.com/keyward/keyward/shared/operations"
)

// reads wait at most twice: for what the request names, and for what those
// records name. Lists with names wait a third time.
var reads = []counted{
	{op: "whoami", goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "get-apikey", what: "its own", id: "@own", goal: 2, want: "1/2 2/3 1/2 2/3 - -"},
	{op: "get-apikey", what: "somebody's, hint right", id: "@of-right", goal: 2, want: "2/3 2/3 2/3 2/3 2/3 2/3"},
	{op: "get-apikey", what: "somebody's, hint wrong", id: "@of-wrong", goal: 2, want: "2/3 2/3 2/3 2/3 2/3 2/3"},
	{op: "get-apikey-usage", id: "@own", goal: 2, want: "1/2 2/3 1/2 2/3 - -"},
	{op: "get-apikey-permissions", id: "@own", goal: 2, want: "1/2 2/3 1/2 2/3 - -"},
	{op: "get-usage", goal: 2, want: "1/2 2/3 1/2 2/3 1/2 2/3"},
	{op: "get-apikey-propagation", what: "its own", id: "@own", goal: 2},
	{op: "get-apikey-propagation", what: "somebody's", id: "@of-right", goal: 2},
	{op: "get-policy", id: "@some", goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "get-user", id: "@right", goal: 2, want: "2/2 2/2 2/2 2/2 2/2 2/2"},
	{op: "get-service", id: "files", goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "get-organization", goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "list-permissions", goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "list-policies", goal: 2, want: "1/2 2/3 1/2 2/3 1/2 2/3"},
	{op: "list-services", goal: 2, want: "1/2 2/3 1/2 2/3 1/2 2/3"},
	{op: "list-audit-events", goal: 2, want: "1/2 2/3 1/2 2/3 1/2 2/3"},
	{op: "list-users", goal: 3, want: "2/3 2/4 2/3 2/4 2/3 2/4"},
	{op: "list-apikeys", goal: 3, want: "2/4 2/5 2/4 2/5 2/4 2/5"},
	{op: "list-apikeys", what: "by last use", query: "sort=lastUsedOn", goal: 3, want: "2/5 2/6 2/5 2/6 2/5 2/6"},
	{op: "list-apikeys", what: "deleted", query: "state=deleted", prepare: (*scene).deletes, goal: 3, want: "2/4 2/5 2/4 2/5 2/4 2/5"},
	{op: "list-apikeys", what: "100 with 100 policies", query: "createdBy=@plain", prepare: (*scene).hundred, goal: 3, want: "2/6 2/7 2/6 2/7 2/6 2/7"},
	{op: "list-apikeys", what: "Catena", dialect: operations.Catena, goal: 3, want: "2/3 2/4 2/3 2/4 2/3 2/4"},
	{op: "list-policies", what: "Catena", dialect: operations.Catena, goal: 2, want: "1/2 2/3 1/2 2/3 1/2 2/3"},
	{op: "list-apikeys", what: "Supermetrics", dialect: operations.Supermetrics, goal: 3, want: "2/3 2/4 2/3 2/4 2/3 2/4"},
	{op: "verify-apikey", what: "no key", body: `{"key":"junk","permission":"ViewTables"}`, goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "verify-apikey", what: "a key", body: `{"key":"@leaked","permission":"ViewTables"}`, goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "verify-apikey", what: "100 with 100 users, explained", body: `{"keys":[@hundred],"service":"files","permission":"Only.files","explain":true}`, prepare: (*scene).hundredUsers, goal: 2, want: "2/4 2/5 2/4 2/5 2/4 2/5"},
	{op: "introspect", body: `token=@leaked`, goal: 2, want: "1/1 2/2 1/1 2/2 1/1 2/2"},
	{op: "reveal-apikey", what: "Supermetrics, not whole", id: "@sm-target", dialect: operations.Supermetrics, goal: 2, want: "2/2 2/2 2/2 2/2 2/2 2/2"},
}

// changes also wait for their transaction.
var changes = []counted{
	{op: "create-apikey", what: "permissions", body: `{"name":"n","permissions":["ViewTables"],"services":["files"]}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "create-apikey", what: "policy", body: `{"name":"n","policyId":"@some"}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "create-apikey", what: "somebody's, recoverable", body: `{"name":"n","type":"personal","onBehalfOf":"@right","recoverable":true}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "create-apikey", what: "again", repeated: true, body: `{"name":"n","policyId":"@some"}`, goal: 3, want: "2/2 2/2 2/2 2/2 2/2 2/2"},
	{op: "update-apikey", what: "somebody's, hint right", id: "@of-right", body: `{"name":"n","onBehalfOf":"@right","permissions":["ViewTables"]}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "patch-apikey", what: "its own", id: "@own", body: `{"description":"d"}`, goal: 3, want: "2/2 3/3 2/2 3/3 - -"},
	{op: "patch-apikey", what: "somebody's, hint right", id: "@of-right", body: `{"permissions":["ViewTables"]}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "patch-apikey", what: "another policy", id: "@target", body: `{"policyId":"@all"}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "delete-apikey", what: "its own", id: "@own", goal: 3, want: "3/4 3/4 3/3 3/4 - -"},
	{op: "delete-apikey", what: "somebody's, hint right", id: "@of-right", goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "delete-apikey", what: "somebody's, hint wrong", id: "@of-wrong", goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "restore-apikey", what: "somebody's, hint right", id: "@of-right", prepare: (*scene).deletes, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "reveal-apikey", what: "somebody's, hint right", id: "@of-right", goal: 3, want: "3/4 3/4 3/4 3/4 3/4 3/4"},
	{op: "reveal-apikey", what: "Supermetrics, whole", id: "@sm-target", dialect: operations.Supermetrics, query: "show_key_value=true", goal: 3, want: "3/4 3/4 3/4 3/4 3/4 3/4"},
	{op: "rotate-apikey", what: "its own", id: "@own", body: `{}`, goal: 3, want: "2/2 3/3 2/2 3/3 - -"},
	{op: "rotate-apikey", what: "somebody's, hint right", id: "@of-right", body: `{}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "rotate-apikey", what: "again", repeated: true, id: "@of-right", body: `{}`, goal: 3, want: "2/2 2/2 2/2 2/2 2/2 2/2"},
	{op: "delete-previous-secret", id: "@of-right", prepare: (*scene).overlaps, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "create-policy", body: `{"name":"n","permissions":["ViewTables"]}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "update-policy", id: "@some", body: `{"name":"n","permissions":["ViewTables"]}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "delete-policy", what: "used, not confirmed", id: "@some", status: http.StatusConflict, goal: 3, want: "3/4 3/5 3/4 3/5 3/4 3/5"},
	{op: "create-user", what: "a MEMBER", body: `{"email":"n@example.com","name":"n","role":"MEMBER","policyId":"@some"}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "create-user", what: "an ADMIN", body: `{"email":"n@example.com","name":"n","role":"ADMIN"}`, goal: 3, want: "3/3 3/3 2/2 3/3 2/2 3/3"},
	{op: "patch-policy", id: "@some", body: `{"permissions":["ManageFiles"]}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "patch-user", what: "another policy", id: "@right", body: `{"policyId":"@all"}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "patch-user", what: "another address", id: "@right", body: `{"email":"n@example.com"}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "patch-user", what: "to OWNER", id: "@right", body: `{"role":"OWNER"}`, goal: 3, want: "- - 3/4 - 3/4 -"},
	{op: "patch-organization", body: `{"name":"n"}`, goal: 3, want: "- - 2/2 - 2/2 -"},
	{op: "update-user", what: "another policy", id: "@right", body: `{"email":"right@example.com","name":"n","role":"MEMBER","policyId":"@all"}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "update-user", what: "another address", id: "@right", body: `{"email":"n@example.com","name":"n","role":"MEMBER","policyId":"@some"}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "update-user", what: "to OWNER", id: "@right", body: `{"email":"right@example.com","name":"n","role":"OWNER"}`, goal: 3, want: "- - 3/4 - 3/4 -"},
	{op: "delete-user", what: "with a key", id: "@right", goal: 3, want: "3/4 3/4 3/4 3/4 3/4 3/4"},
	{op: "delete-user", what: "the representative", id: "@second", prepare: (*scene).succeeds, goal: 3, want: "3/4 3/5 - 3/5 - 3/5"},
	{op: "put-service", what: "new", id: "new", body: `{"name":"n","apis":[]}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "put-service", what: "as it was", id: "files", body: `{"name":"n","apis":[],"permissions":[{"name":"Only.files","description":""}]}`, goal: 3, want: "2/2 3/3 2/2 3/3 2/2 3/3"},
	{op: "put-service", what: "withdraws what nobody holds", id: "files", body: `{"name":"n","apis":[],"permissions":[]}`, prepare: (*scene).forgets, goal: 3, want: "3/5 3/6 3/5 3/6 3/5 3/6"},
	{op: "put-service", what: "withdraws what is held", id: "files", body: `{"name":"n","apis":[],"permissions":[]}`, status: http.StatusConflict, goal: 2, want: "2/4 2/5 2/4 2/5 2/4 2/5"},
	{op: "delete-service", what: "nothing held", id: "files", prepare: (*scene).forgets, goal: 3, want: "3/5 3/6 3/5 3/6 3/5 3/6"},
	{op: "update-organization", body: `{"name":"n","keyPrefix":"kw","maxKeys":20,"recoverable":true,"maxKeyLifetimeSeconds":0}`, goal: 3, want: "- - 2/2 - 2/2 -"},
	{op: "report-exposure", what: "of a key", body: `{"key":"@leaked"}`, goal: 3, want: "3/3 3/3 3/3 3/3 3/3 3/3"},
	{op: "report-exposure", what: "of no key", body: `{"key":"junk"}`, goal: 0, why: "the checksum is wrong", want: "- - - - - -"},
	{op: "suspend-organization", body: `{"organization":"demo","suspended":true,"reason":"r"}`, goal: 3, want: "2/2 - - - - -"},
}

// owned are requests of members for their own keys.
var owned = []counted{
	{op: "list-apikeys", goal: 3, want: "2/4 2/5 2/4 2/5"},
	{op: "get-apikey", what: "its own", id: "@own", goal: 2, want: "1/2 2/3 - -"},
	{op: "create-apikey", body: `{"name":"n","type":"personal"}`, goal: 3, want: "2/2 3/3 2/2 3/3"},
	{op: "patch-apikey", what: "its own", id: "@own", body: `{"enabled":false}`, goal: 3, want: "2/2 3/3 - -"},
	{op: "delete-apikey", what: "its own", id: "@own", goal: 3, want: "2/2 3/3 - -"},
	{op: "rotate-apikey", what: "its own", id: "@own", body: `{}`, goal: 3, want: "2/2 3/3 - -"},
}

// longer have more than one transaction, or need records that nothing names.
var longer = []counted{
	{op: "put-service", what: "declares again what nobody holds", id: "files", body: `{"name":"n","permissions":[{"name":"Only.files","description":""}]}`, prepare: (*scene).withdraws,
		why: "4: what the listing shows of keys is read once more, since it may be behind", want: "4/6 4/7 4/6 4/7 4/6 4/7"},
	{op: "patch-apikey", what: "somebody's, hint wrong", id: "@of-wrong", body: `{"permissions":["ViewTables"]}`,
		why: "4 until the key is next changed: its user has another policy than it was told", want: "4/4 4/4 4/4 4/4 4/4 4/4"},
	{op: "restore-apikey", what: "somebody's, hint wrong", id: "@of-wrong", prepare: (*scene).deletes, why: "the same", want: "4/4 4/4 4/4 4/4 4/4 4/4"},
	{op: "reveal-apikey", what: "somebody's, hint wrong", id: "@of-wrong", why: "the same", want: "4/5 4/5 4/5 4/5 4/5 4/5"},
	{op: "rotate-apikey", what: "somebody's, hint wrong", id: "@of-wrong", body: `{}`, why: "the same", want: "4/4 4/4 4/4 4/4 4/4 4/4"},
	{op: "patch-apikey", what: "its own, disabled", id: "@own", body: `{"enabled":false}`,
		why: "a key that ends itself looks for another that can administer keys", want: "4/4 4/4 3/3 4/4 - -"},
	{op: "delete-policy", what: "unused", id: "@unused", why: "3 until it is gone for everybody; then its place with users, and itself", want: "5/5 5/6 5/5 5/6 5/5 5/6"},
	{op: "delete-policy", what: "25 keys, 2 users, Catena", id: "@some", dialect: operations.Catena, prepare: (*scene).twentyFive,
		why: "3 until all keys have stopped; then 3 for 16 keys, 1 for 100 users, 1 for each who has it, and 1", want: "12/12 13/13 12/12 13/13 12/12 13/13"},
	{op: "delete-service", what: "held, forced", id: "files", query: "force=true",
		why: "3 until it counts; then 1 for each 100 keys, policies and users, 2 for a key and 1 for others that hold any", want: "9/11 9/12 9/11 9/12 9/11 9/12"},
	{op: "sweep", what: "nothing to do", body: `{}`, goal: 1, want: "1/1 - - - - -"},
	{op: "send-notices", what: "nothing to send", body: `{}`, why: "where it stopped, then the organizations; of each its settings, then its keys; then where it stopped", want: "5/5 - - - - -"},
	{op: "rotate-pepper", what: "status", body: `{"status":true}`, why: "the versions and the organizations, then the keys, those deleted twice", want: "5/5 - - - - -"},
	{op: "rotate-pepper", what: "again", body: `{"minimumAgeSeconds":0}`, why: "the same, after the versions and the change", want: "7/7 - - - - -"},
	{op: "bootstrap", what: "again", body: `{"organization":{"id":"demo","keyPrefix":"kw"},"owner":{"email":"owner@example.com","name":"O"},"services":[],"adminKey":"Admin"}`,
		why: "steps that follow one another, by an operator", want: "8/8 - - - - -"},
	{op: "bootstrap", what: "another", body: `{"organization":{"id":"other","keyPrefix":"kw"},"owner":{"email":"owner@example.com","name":"O"},"services":[],"adminKey":"Admin"}`,
		why: "the same, each with a change of its own", want: "14/14 - - - - -"},
}
