// Package identity tells the backend of a guarded API who the caller is and what
// the caller may do. It uses only the standard library, so a backend can import it
// cheaply.
//
// The authorizer's context is a map of strings. Its place depends on the kind of
// API:
//
//	REST API, HTTP API with payload 1.0   event.requestContext.authorizer
//	HTTP API with payload 2.0             event.requestContext.authorizer.lambda
//	WebSocket API                         event.requestContext.authorizer
//	AppSync                               $ctx.identity.resolverContext
//
// API Gateway or AppSync puts it there, never the caller. A function that others
// can invoke directly must not trust it.
package identity

import (
	"errors"
	"fmt"
	"strings"
)

// ErrContext is the error for a context that the authorizer did not write.
// Errors of [From] wrap it.
var ErrContext = errors.New("there is no valid context of Keyward's authorizer")

// Identity is the caller. Make one with [From]; the zero Identity is nobody and
// has no permissions.
type Identity struct {
	// OrgID is the id of the organization that the key or user belongs to.
	OrgID string
	// KeyID is the key's id, a UUID. KeyType is "service", "personal" or "shared".
	// Both are empty for a caller with an access token.
	KeyID, KeyType string
	// UserID is the UUID of the user as whom the caller acts or is shown. It is
	// empty for a service key.
	UserID string
	// UserByDefault means that UserID did not make this call. A shared key without
	// a user is shown as the organization's first OWNER or ADMIN. Show that user,
	// but never grant or refuse anything because of it.
	UserByDefault bool
	// Permissions holds those of the caller's permissions that the API's service
	// declares.
	Permissions Permissions
}

// From parses the authorizer's context. Its error, an [ErrContext], names
// everything that is missing or malformed. It means that Keyward does not guard
// the API, or does not guard it correctly: refuse the request.
func From(context map[string]any) (Identity, error) {
	var faults []string
	text := func(name string) string {
		value, ok := context[name].(string)
		if !ok {
			faults = append(faults, name)
		}
		return value
	}
	i := Identity{OrgID: text("orgId"), KeyID: text("keyId"), KeyType: text("keyType"), UserID: text("userId")}
	held := text("permissions")
	switch context["userByDefault"] {
	case nil, "":
	case "true":
		i.UserByDefault = true
	default:
		faults = append(faults, "a valid userByDefault")
	}
	if len(faults) > 0 {
		return Identity{}, fault("lacks " + strings.Join(faults, ", "))
	}
	var err error
	if i.Permissions, err = Parse(held); err != nil {
		return Identity{}, err
	}
	if i.OrgID == "" || i.KeyID == "" && i.UserID == "" || (i.KeyID == "") != (i.KeyType == "") || i.UserByDefault && i.UserID == "" {
		return Identity{}, fault("is about nobody")
	}
	return i, nil
}

// Has reports whether the caller holds the permission.
func (i Identity) Has(permission string) bool { return i.Permissions.Has(permission) }

// fault returns an [ErrContext] with more detail. It never shows a value.
func fault(what string) error { return fmt.Errorf("%w: it %s", ErrContext, what) }
