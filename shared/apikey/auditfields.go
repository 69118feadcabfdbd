package apikey

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// auditFields holds the fields of a record that its audit record shows. Lists
// are separate from texts, because an audit record shows only the list elements
// that changed. Empty fields are left out.
type auditFields struct {
	texts map[string]string
	lists map[string][]string
}

func newAuditFields() *auditFields { return &auditFields{map[string]string{}, map[string][]string{}} }

func (f *auditFields) put(name, value string) {
	if value != "" {
		f.texts[name] = value
	}
}

func (f *auditFields) list(name string, values []string) {
	if len(values) > 0 {
		f.lists[name] = values
	}
}

func (f *auditFields) flag(name string, on bool) {
	if on {
		f.texts[name] = "true"
	}
}

func (f *auditFields) time(name string, t time.Time) {
	if !t.IsZero() {
		f.texts[name] = t.UTC().Format(time.RFC3339)
	}
}

func (k Key) auditFields() *auditFields {
	f := newAuditFields()
	f.put("name", k.Name)
	f.put("description", k.Description)
	f.put("type", string(k.Type))
	f.list("permissions", k.Permissions)
	f.flag("narrowed", k.Narrowed)
	f.put("policyId", k.Policy.String())
	f.put("onBehalfOf", k.OnBehalfOf.String())
	f.list("services", k.Services)
	f.flag("disabled", k.Disabled)
	f.time("notBefore", k.NotBefore)
	f.time("expiresOn", k.ExpiresOn)
	f.list("allowIps", addressTexts(k.AllowIPs))
	f.flag("recoverable", k.Recoverable)
	if k.Generation > 1 {
		f.put("secret", strconv.Itoa(k.Generation)+" "+k.Redacted)
	}
	f.list("olderSecrets", olderTexts(k.Older))
	f.time("purgeOn", k.PurgeOn)
	if k.Exposure != nil {
		f.time("exposure.reportedOn", k.Exposure.ReportedOn)
		f.put("exposure.source", k.Exposure.Source)
		f.put("exposure.url", k.Exposure.URL)
	}
	return f
}

// olderTexts shows older secrets as an audit record does: which they are and
// until when they verify.
func olderTexts(secrets []OlderSecret) []string {
	var texts []string
	for _, s := range secrets {
		text := strconv.Itoa(s.Generation) + " " + s.Redacted + " until " + s.EndsOn.UTC().Format(time.RFC3339)
		if s.AwaitsUse {
			text += " or " + s.Overlap.String() + " after its successor is used"
		}
		if !s.ExposedOn.IsZero() {
			text += ", leaked, reported " + s.ExposedOn.UTC().Format(time.RFC3339)
		}
		texts = append(texts, text)
	}
	return texts
}

func (p Policy) auditFields() *auditFields {
	f := newAuditFields()
	f.put("name", p.Name)
	f.put("description", p.Description)
	f.list("permissions", p.Permissions)
	f.flag("deleted", p.Deleted)
	return f
}

func (u User) auditFields() *auditFields {
	f := newAuditFields()
	f.put("email", u.Email)
	f.put("name", u.Name)
	f.put("role", string(u.Role))
	f.list("permissions", u.Permissions)
	f.put("policyId", u.Policy.String())
	return f
}

func (s Service) auditFields() *auditFields {
	f := newAuditFields()
	f.put("name", s.Name)
	var permissions []string
	for _, p := range s.Permissions {
		permissions = append(permissions, p.Name+" ("+p.Description+")")
	}
	f.list("permissions", permissions)
	var apis, routes []string
	for _, api := range s.APIs {
		apis = append(apis, strings.Join([]string{api.Account, api.Region, api.ID, api.Stage}, "/"))
	}
	for _, route := range s.Routes {
		routes = append(routes, route.Method+" "+route.Path+" "+strings.Join(route.Permissions, "|"))
	}
	f.list("apis", apis)
	f.list("routes", routes)
	f.put("unlistedRoutes", string(s.Unlisted))
	if s.Cache.Enabled() {
		cache := s.Cache.TTL().String()
		for _, key := range s.Cache.By {
			cache += " " + string(key)
		}
		f.put("gatewayCache", cache)
	}
	return f
}

func (o Organization) auditFields() *auditFields {
	f := newAuditFields()
	f.put("name", o.Name)
	f.put("keyPrefix", o.KeyPrefix)
	f.put("maxKeys", strconv.Itoa(o.MaxKeys))
	f.flag("recoverable", o.Recoverable)
	f.put("selfService", strconv.FormatBool(!o.NoSelfService))
	f.list("accounts", o.Accounts)
	if o.MaxKeyLifetime > 0 {
		f.put("maxKeyLifetime", durationText(o.MaxKeyLifetime))
	}
	if o.Retention > 0 {
		f.put("retention", durationText(o.Retention))
	}
	f.put("onExposure", o.OnExposure.String())
	f.put("staleAfterDays", strconv.Itoa(o.StaleAfterDays))
	return f
}

func (s Status) auditFields() *auditFields {
	f := newAuditFields()
	f.flag("suspended", s.Suspended)
	return f
}

func addressTexts(prefixes []netip.Prefix) []string {
	var texts []string
	for _, prefix := range prefixes {
		texts = append(texts, AddressText(prefix))
	}
	return texts
}
