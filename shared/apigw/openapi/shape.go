package openapi

import (
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/operations"
)

// shape is what an operation takes and gives, besides what the table of
// operations says.
type shape struct {
	// body and answer are nil where there is none.
	body, answer reflect.Type
	query        []object
	// tagged answers carry an ETag.
	tagged bool
	// secret is a member that this answer always has, and its type elsewhere
	// never.
	secret string
}

var listing = []object{
	{
		{"name", "limit"}, {"in", "query"}, {"description", "How many keys a page has at most."},
		{"schema", object{{"type", "integer"}, {"minimum", 1}, {"maximum", apikey.MaxPage}, {"default", apikey.MaxPage}}},
	},
	{
		{"name", "cursor"}, {"in", "query"}, {"description", "The nextCursor of the page before."},
		{"schema", object{{"type", "string"}}},
	},
}

var (
	keyBody = reflect.TypeFor[canonical.KeyBody]()
	apiKey  = reflect.TypeFor[canonical.APIKey]()
)

var shapes = map[string]shape{
	"create-apikey":    {body: keyBody, answer: apiKey, tagged: true, secret: "apiKey"},
	"list-apikeys":     {answer: reflect.TypeFor[canonical.APIKeyList](), query: listing},
	"get-apikey":       {answer: apiKey, tagged: true},
	"update-apikey":    {body: keyBody, answer: apiKey, tagged: true},
	"patch-apikey":     {body: reflect.TypeFor[canonical.KeyPatch](), answer: apiKey, tagged: true},
	"delete-apikey":    {},
	"list-permissions": {answer: reflect.TypeFor[canonical.PermissionList]()},
	"whoami":           {answer: reflect.TypeFor[canonical.WhoAmI](), tagged: true},
	"get-openapi":      {answer: reflect.TypeFor[any]()},
}

// faults are the statuses of an operation's problems.
func (s shape) faults(op operations.Operation) []int {
	statuses := []int{
		http.StatusBadRequest, http.StatusTooManyRequests,
		http.StatusInternalServerError, http.StatusServiceUnavailable,
	}
	if !op.Public {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden)
	}
	if named(op) {
		statuses = append(statuses, http.StatusNotFound)
	}
	if conditional(op) {
		statuses = append(statuses, http.StatusPreconditionFailed)
	}
	if s.body != nil {
		statuses = append(statuses, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	slices.Sort(statuses)
	return statuses
}

// named reports whether the operation's path names one key.
func named(op operations.Operation) bool { return strings.Contains(op.Path, "{id}") }

// conditional reports whether the operation heeds If-Match.
func conditional(op operations.Operation) bool { return named(op) && op.Method != http.MethodGet }
