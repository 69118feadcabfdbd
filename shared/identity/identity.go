// Package identity reads what Keyward's authorizer tells a guarded API of the
// caller. It needs nothing but the standard library: a backend imports it, and
// asks what the caller may do.
//
// The authorizer's context is a map of strings. Where it is found depends on the
// kind of API:
//
//	REST API, HTTP API with payload 1.0   event.requestContext.authorizer
//	HTTP API with payload 2.0             event.requestContext.authorizer.lambda
//	WebSocket API                         event.requestContext.authorizer
//	AppSync                               $ctx.identity.resolverContext
//
// It is API Gateway or AppSync that puts it there, and never the caller. A
// function that others can invoke past them must not trust it.
package identity

import (
	"errors"
	"fmt"
	"strings"
)

// ErrContext is the error, or the cause of it, where a context is none of the
// authorizer's.
var ErrContext = errors.New("there is no valid context of Keyward's authorizer")

// Identity is who calls. Make one with [From]; the zero Identity is nobody, and
// may do nothing.
type Identity struct {
	// OrgID is the id of the organization that the key or user belongs to.
	OrgID string
	// KeyID is the key's id, a UUID, and KeyType "service", "personal" or
	// "shared"; both are empty for a caller with an access token.
	KeyID, KeyType string
	// UserID is the id, a UUID, of the user whom the caller acts for or is known
	// as; empty for a service key.
	UserID string
	// UserByDefault says that UserID is nobody who acts. A shared key without a user
	// is known as the organization's first OWNER or ADMIN: show that user, and give
	// or refuse nothing because of it.
	UserByDefault bool
	// Permissions are those of the caller's that the API's service declares.
	Permissions Permissions
}

// From reads the authorizer's context. Its error, an [ErrContext], names all
// that is missing or malformed: the API is not guarded by Keyward, or not
// rightly, and the request must be refused.
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

// fault is an [ErrContext] that says more. It never shows a value.
func fault(what string) error { return fmt.Errorf("%w: it %s", ErrContext, what) }
