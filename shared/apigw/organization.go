package apigw

import (
	"context"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/canonical"
)

// canonicalOrganization holds the endpoints of the organization and its audit
// log.
var canonicalOrganization = endpointGroup{endpoints: map[string]Endpoint{
	"get-organization":    {action: on(getOrganization), Tagged: true},
	"update-organization": {action: on(updateOrganization), Tagged: true},
	"patch-organization":  {action: on(patchOrganization), Tagged: true},
	"list-audit-events":   {action: listing(canonical.ParseCursor, auditFilters, listAuditEvents)},
}}

// getOrganization returns the organization's settings.
func getOrganization(ctx context.Context, api API, req request[none]) (answer[canonical.Organization], error) {
	return showOrganization(api.Rules.GetOrganization(ctx, req.caller))
}

// updateOrganization replaces the organization's settings. Settings that limit
// keys stay if the body does not name them.
func updateOrganization(ctx context.Context, api API, req request[canonical.SettingsBody]) (answer[canonical.Organization], error) {
	return showOrganization(api.Rules.ChangeSettings(ctx, req.caller, req.version, req.body.Edit()))
}

// patchOrganization changes the settings that the body names.
func patchOrganization(ctx context.Context, api API, req request[canonical.SettingsPatch]) (answer[canonical.Organization], error) {
	return showOrganization(api.Rules.ChangeSettings(ctx, req.caller, req.version, req.body.Edit()))
}

// showOrganization returns an answer that shows the organization.
func showOrganization(org apikey.Organization, err error) (answer[canonical.Organization], error) {
	return answer[canonical.Organization]{body: new(canonical.FromOrganization(org)), version: org.Version}, err
}

// auditFilters returns the query parameters that filter the audit log.
func auditFilters(f *apikey.AuditFilter) []filter {
	return []filter{
		by("target", "Only events about this target: an id, or the name of a service, an organization or permissions.", aTarget, &f.Target),
		by("keyId", "Only what was done with this key: its id.", anID("an API key"), &f.Key),
		by("actor", "Only what this key or user did: its id.", anActor, &f.Actor),
		by("action", "Only events with this action.", oneOf(apikey.Actions), &f.Action),
		by("from", "Only events at or after this time.", aTime, &f.From),
		by("to", "Only events before this time.", aTime, &f.To),
	}
}

// listAuditEvents returns a page of the audit log, newest event first.
func listAuditEvents(ctx context.Context, api API, p page[apikey.Position, apikey.AuditFilter]) (answer[canonical.AuditEventList], error) {
	page, err := api.Rules.AuditEvents(ctx, p.caller, p.filter, p.after, p.limit)
	return answer[canonical.AuditEventList]{body: new(canonical.FromAudits(page)), damaged: page.Damaged}, err
}
