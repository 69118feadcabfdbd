package client

import (
	"context"
	"iter"

	"github.com/keyward/keyward/shared/client/wire"
)

// Settings are those of the caller's organization.
type Settings struct{ s *sender }

type (
	// Organization is the organization with its settings.
	Organization = wire.Organization
	// NewSettings is what to replace the settings with.
	NewSettings = wire.SettingsBody
	// SettingsPatch changes settings.
	SettingsPatch = wire.SettingsPatch
	// UpdateOrganizationParams are the optional parameters of the call.
	UpdateOrganizationParams = wire.UpdateOrganizationParams
	// PatchOrganizationParams are the optional parameters of the call.
	PatchOrganizationParams = wire.PatchOrganizationParams
)

// Get returns the organization.
func (o Settings) Get(ctx context.Context) (*Organization, error) {
	request, err := wire.NewGetOrganizationRequest(ctx, o.s.server)
	return ask[Organization](o.s, repeatable, request, err)
}

// Update replaces the settings. Optional ones that are absent stay.
func (o Settings) Update(ctx context.Context, settings NewSettings, params *UpdateOrganizationParams) (*Organization, error) {
	p := given(params)
	request, err := wire.NewUpdateOrganizationRequest(ctx, o.s.server, p, settings)
	return ask[Organization](o.s, unlessMatched(p.IfMatch, repeatable), request, err)
}

// Patch changes some settings; see [Set] and [Clear].
func (o Settings) Patch(ctx context.Context, patch SettingsPatch, params *PatchOrganizationParams) (*Organization, error) {
	p := given(params)
	request, err := wire.NewPatchOrganizationRequest(ctx, o.s.server, p, patch)
	return ask[Organization](o.s, unlessMatched(p.IfMatch, repeatable), request, err)
}

// AuditEvents are the organization's audit log, newest first.
type AuditEvents struct{ s *sender }

type (
	// AuditEvent says what was done, by whom and from where.
	AuditEvent = wire.AuditEvent
	// ListAuditEventsParams are the optional parameters of the call.
	ListAuditEventsParams = wire.ListAuditEventsParams
	// AuditEventPage is one page of audit events.
	AuditEventPage = Page[AuditEvent]
)

// List returns one page of events.
func (a AuditEvents) List(ctx context.Context, params *ListAuditEventsParams) (*AuditEventPage, error) {
	request, err := wire.NewListAuditEventsRequest(ctx, a.s.server, given(params))
	return ask[AuditEventPage](a.s, repeatable, request, err)
}

// All returns the events of all pages, each fetched when it is needed. It ends with
// the first error.
func (a AuditEvents) All(ctx context.Context, params *ListAuditEventsParams) iter.Seq2[AuditEvent, error] {
	p := given(params)
	return all(&p.Cursor, func() (*AuditEventPage, error) { return a.List(ctx, &p) })
}

type (
	// WhoAmI is the caller.
	WhoAmI = wire.WhoAmI
	// TopKeys are the keys that were used most.
	TopKeys = wire.TopKeys
	// UsageParams are the optional parameters of the call.
	UsageParams = wire.GetUsageParams
	// CatalogueEntry is a permission that a key can have.
	CatalogueEntry = wire.CatalogueEntry
)

// Whoami returns who the caller is, and what it may do.
func (c *Client) Whoami(ctx context.Context) (*WhoAmI, error) {
	request, err := wire.NewWhoamiRequest(ctx, c.sender.server)
	return ask[WhoAmI](c.sender, repeatable, request, err)
}

// Usage returns the keys that were used most.
func (c *Client) Usage(ctx context.Context, params *UsageParams) (*TopKeys, error) {
	request, err := wire.NewGetUsageRequest(ctx, c.sender.server, given(params))
	return ask[TopKeys](c.sender, repeatable, request, err)
}

// Permissions returns the permissions that a key can have.
func (c *Client) Permissions(ctx context.Context) ([]CatalogueEntry, error) {
	request, err := wire.NewListPermissionsRequest(ctx, c.sender.server)
	list, err := ask[wire.PermissionList](c.sender, repeatable, request, err)
	if err != nil {
		return nil, err
	}
	return list.Items, nil
}
