package apikey

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/keyward/keyward/shared/routing"
)

// form is a pattern that is compiled on first use, because the authorizer links
// these rules and should not compile patterns that it never needs.
type form func() *regexp.Regexp

func newForm(pattern string) form {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

func (f form) matches(text string) bool { return f().MatchString(text) }

var (
	accountForm = newForm(`^[0-9]{12}$`)
	apiForm     = newForm(`^[a-z0-9][a-z0-9-]{0,39}$`)
	regionForm  = newForm(`^[a-z]{2,4}(-[a-z]+)+-[0-9]$`)
	stageForm   = newForm(`^(\$default|[A-Za-z0-9_-]{1,128})$`)
	// pathForm is a path template: segments of plain characters or {names}. The
	// last segment may be {greedy+}.
	pathForm = newForm(`^(/|(/([A-Za-z0-9._~:@$-]+|\{[A-Za-z0-9._-]+\}))*(/\{[A-Za-z0-9._-]+\+\})?)$`)
)

var routeMethods = append(routing.Methods(), routing.AnyMethod)

// routeKeys are routes without a path: the catch-all of an HTTP API and the
// handshake of a WebSocket API.
var routeKeys = []string{routing.Default, routing.Connect}

// serviceFaults collects the faults of a service's draft.
type serviceFaults struct{ faults []FieldError }

func (c *serviceFaults) fault(field string, code FieldCode, detail string) {
	c.faults = append(c.faults, FieldError{field, code, detail})
}

// atMost adds a fault if a list is too long.
func (c *serviceFaults) atMost(field string, has, most int) {
	if has > most {
		c.fault(field, FieldTooLong, fmt.Sprintf("A service has at most %d %s, not %d.", most, field, has))
	}
}

// validate returns an error with all faults of a draft. They include routes
// that can never match and routes that need an undeclared permission, because
// these would look guarded without being so.
func (d ServiceDraft) validate(id string, org Organization) error {
	c := &serviceFaults{}
	// If a list is too long, nothing else is checked.
	c.atMost("permissions", len(d.Permissions), MaxServicePermissions)
	c.atMost("apis", len(d.APIs), MaxServiceAPIs)
	c.atMost("routes", len(d.Routes), MaxServiceRoutes)
	if len(c.faults) > 0 {
		return InvalidError(c.faults...)
	}
	if !OrgID(id).Valid() {
		c.fault("id", FieldValue, "A service's id is 2 to 40 characters of a-z, 0-9 and inner hyphens, and starts with a letter.")
	}
	if id == ReservedService {
		c.fault("id", FieldConflict, "Keyward uses this id itself. Choose another one.")
	}
	c.faults = append(c.faults, requireName("name", d.Name)...)
	c.permissions(d)
	c.apis(d.APIs, org.Accounts)
	c.routes(d)
	c.checkResources(d)
	c.checkGatewaySettings(d)
	return InvalidError(c.faults...)
}

func (c *serviceFaults) permissions(d ServiceDraft) {
	seen := map[string]bool{}
	for i, p := range d.Permissions {
		field := fmt.Sprintf("permissions[%d].name", i)
		switch {
		case !validName(p.Name):
			c.fault(field, FieldValue, "A permission's name is 1 to 64 characters of A-Z, a-z, 0-9, '_', '.', ':' and '-'.")
		case seen[p.Name]:
			c.fault(field, FieldConflict, "The permission is declared twice. Declare it once.")
		case OwnPermissions().Has(p.Name):
			c.fault(field, FieldConflict, "The permission is Keyward's own; a service cannot declare it. Choose another name.")
		}
		seen[p.Name] = true
		c.faults = append(c.faults, checkLines(fmt.Sprintf("permissions[%d].description", i), p.Description)...)
		if len(p.Description) > MaxNameBytes {
			c.fault(fmt.Sprintf("permissions[%d].description", i), FieldTooLong, fmt.Sprintf("A description can have at most %d bytes.", MaxNameBytes))
		}
	}
}

func (c *serviceFaults) apis(apis []routing.API, accounts []string) {
	for i, api := range apis {
		field := func(name string) string { return fmt.Sprintf("apis[%d].%s", i, name) }
		switch {
		case !accountForm.matches(api.Account):
			c.fault(field("account"), FieldValue, "account must be the 12 digits of an AWS account.")
		case !slices.Contains(accounts, api.Account):
			c.fault(field("account"), FieldNotHeld, "The organization may not register APIs of this AWS account. An operator can add the account: invoke bootstrap with it in organization.accounts.")
		}
		if !apiForm.matches(api.ID) {
			c.fault(field("id"), FieldValue, "id must be the id of an API, such as a1b2c3d4e5.")
		}
		if api.Region != "" && !regionForm.matches(api.Region) {
			c.fault(field("region"), FieldValue, "region must be an AWS Region, such as eu-central-1.")
		}
		if api.Stage != "" && !stageForm.matches(api.Stage) {
			c.fault(field("stage"), FieldValue, "stage must be the name of a stage, such as live.")
		}
		if slices.ContainsFunc(apis[:i], api.Same) {
			c.fault(fmt.Sprintf("apis[%d]", i), FieldConflict, "The API is listed twice. List it once.")
		}
	}
}

func (c *serviceFaults) routes(d ServiceDraft) {
	known := Service{Permissions: d.Permissions}.Declares().Or(OwnPermissions())
	seen := map[string]bool{}
	for i, route := range d.Routes {
		field := func(name string) string { return fmt.Sprintf("routes[%d].%s", i, name) }
		if !slices.Contains(routeMethods, route.Method) {
			c.fault(field("method"), FieldValue, "method must be one of "+strings.Join(routeMethods, ", ")+".")
		}
		if !slices.Contains(routeKeys, route.Path) && (route.Path == "" || !pathForm.matches(route.Path)) {
			c.fault(field("path"), FieldValue, "path must be a template, such as /v1/files/{id} or /v1/{rest+}.")
		}
		for _, name := range route.Permissions {
			if !known.Has(name) {
				c.fault(field("permissions"), FieldPermission, fmt.Sprintf("%q is neither declared by this service nor Keyward's own. Declare it in permissions.", name))
			}
		}
		if seen[route.Method+" "+route.Path] {
			c.fault(fmt.Sprintf("routes[%d]", i), FieldConflict, "The route is listed twice. List it once.")
		}
		seen[route.Method+" "+route.Path] = true
	}
}
