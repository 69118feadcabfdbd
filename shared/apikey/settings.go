package apikey

import (
	"context"
	"time"

	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
)

// GetOrganization returns the caller's organization. Errors: [Unauthenticated],
// [Forbidden], [Unavailable].
func (r *Rules) GetOrganization(ctx context.Context, by Caller) (Organization, error) {
	who, err := r.authorize(ctx, by, []string{permission.AdministerAPIKeys, permission.ManageAPIKeys})
	if err != nil {
		return Organization{}, err
	}
	return who.view.Organization(ctx)
}

// ChangeSettings changes the settings of the organization that edit names. The
// caller must act as an OWNER. New settings apply to keys that are created or
// changed afterwards. An edit that changes nothing leaves the version as it is.
// Errors: [Unauthenticated], [Forbidden], [Invalid], [PreconditionFailed],
// [Unavailable].
func (r *Rules) ChangeSettings(ctx context.Context, by Caller, version int64, edit SettingsEdit) (after Organization, err error) {
	err = retryStale(ctx, func() error {
		who, err := r.authenticate(ctx, by, nil)
		if err != nil {
			return err
		}
		if !who.isOwner() {
			return forbiddenError()
		}
		before, err := who.view.Organization(ctx)
		if err != nil {
			return err
		}
		if err := checkVersion(version, before.Version, SubjectOrganization); err != nil {
			return err
		}
		s := edit.apply(before)
		after = before
		after.Name, after.KeyPrefix, after.MaxKeys = s.Name, s.KeyPrefix, s.MaxKeys
		after.Recoverable, after.NoSelfService, after.MaxKeyLifetime = s.Recoverable, s.NoSelfService, s.MaxKeyLifetime
		after.Retention, after.OnExposure, after.StaleAfterDays = s.Retention, s.OnExposure, s.StaleAfterDays
		if same(before, after) {
			return nil
		}
		if err := InvalidError(s.faults("")...); err != nil {
			return err
		}
		after.Version++
		return r.commitAction(ctx, who, ActionUpdateOrganization, string(after.ID), before.auditFields(), after.auditFields(), ReplaceOrganization{before, after})
	})
	return after, err
}

// The largest values of settings that count time.
const (
	maxRetention      = 365 * 24 * time.Hour
	maxStaleAfterDays = 3650
)

// faults returns the faults of settings; within is the prefix of the field
// names.
func (s Settings) faults(within string) []FieldError {
	faults := checkName(within+"name", s.Name)
	unless := func(right bool, field, detail string) {
		if !right {
			faults = append(faults, FieldError{within + field, FieldValue, detail})
		}
	}
	unless(keytext.ValidPrefix(s.KeyPrefix), "keyPrefix", "keyPrefix must be 2 to 16 characters of a-z and 0-9, start with a letter, and have at most one underscore, inside.")
	unless(1 <= s.MaxKeys && s.MaxKeys <= maxMaxKeys, "maxKeys", "maxKeys must be from 1 to 1000000.")
	unless(s.MaxKeyLifetime >= 0 && s.MaxKeyLifetime%time.Second == 0, "maxKeyLifetimeSeconds", "maxKeyLifetimeSeconds must be a whole number of seconds, or 0 for no limit.")
	unless(0 <= s.Retention && s.Retention <= maxRetention && s.Retention%time.Second == 0, "retentionSeconds",
		"retentionSeconds must be a whole number from 0 to 31536000 (365 days). With 0, a deleted key cannot be restored.")
	unless(s.OnExposure == DisableExposed || s.OnExposure == ReportExposed, "onExposure", "onExposure must be disable or report.")
	unless(0 <= s.StaleAfterDays && s.StaleAfterDays <= maxStaleAfterDays, "staleAfterDays", "staleAfterDays must be from 0 to 3650. 0 means that no key is stale.")
	return faults
}

// AuditEvents returns up to limit audit records of the caller's organization
// that match the filter and are older than the position, newest first. Errors:
// [Unauthenticated], [Forbidden], [Invalid], [Unavailable].
func (r *Rules) AuditEvents(ctx context.Context, by Caller, filter AuditFilter, before Position, limit int) (part Listed[AuditRecord, Position], err error) {
	if err := checkLimit(limit); err != nil {
		return part, err
	}
	return listAuthorized(ctx, r, by, []string{permission.ViewAuditEvents}, func() (Listed[AuditRecord, Position], error) {
		return r.Store.AuditRecords(ctx, by.Org, filter, before, limit)
	})
}
