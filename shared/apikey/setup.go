package apikey

import (
	"fmt"
	"slices"
	"strings"
)

// The owner and account of the sample setup. An operator must replace them;
// neither exists.
const (
	PlaceholderEmail   = "owner@example.com"
	PlaceholderAccount = "123456789012"
)

// Setup is what an operator wants to exist.
type Setup struct {
	// Account is the AWS account that the setup runs in; empty outside of AWS,
	// or if unknown. In an account, the sample's placeholders are refused.
	Account      string
	Organization OrgID
	Name         string
	// KeyPrefix, MaxKeys and Recoverable apply only to a new organization, which
	// must have a KeyPrefix. A MaxKeys of 0 means [DefaultMaxKeys].
	KeyPrefix   string
	MaxKeys     int
	Recoverable bool
	// OwnerEmail and OwnerName describe a user who becomes an OWNER.
	OwnerEmail, OwnerName string
	// Accounts are AWS accounts whose APIs the organization may register,
	// besides those of Services.
	Accounts []string
	// Services are registered unless a service with the same id exists.
	Services []SetupService
	// AdminKey is the name of a personal key of the owner.
	AdminKey string
}

// prefixField names the prefix among the fields of a setup.
const prefixField = "organization.keyPrefix"

// SetupService is a service of a [Setup].
type SetupService struct {
	ID string
	ServiceDraft
}

// SetupResult says what exists after [Rules.Bootstrap].
type SetupResult struct {
	Organization Organization
	Owner        User
	// Pepper is the active pepper's version.
	Pepper int
	// Admin is the admin key if this call created it; nil if a key of that name
	// existed.
	Admin *Minted
}

// settings returns the setup's settings, with defaults.
func (s Setup) settings() Settings {
	settings := Settings{Name: s.Name, KeyPrefix: s.KeyPrefix, MaxKeys: s.MaxKeys, Recoverable: s.Recoverable, Retention: DefaultRetention, StaleAfterDays: DefaultStaleAfterDays}
	if settings.MaxKeys == 0 {
		settings.MaxKeys = DefaultMaxKeys
	}
	return settings
}

// accounts returns all accounts that the setup names.
func (s Setup) accounts() []string {
	accounts := slices.Clone(s.Accounts)
	for _, service := range s.Services {
		for _, api := range service.APIs {
			accounts = append(accounts, api.Account)
		}
	}
	slices.Sort(accounts)
	return slices.Compact(accounts)
}

func (s Setup) validate() error {
	var faults []FieldError
	if !s.Organization.Valid() {
		faults = append(faults, FieldError{"organization.id", FieldValue, orgIDRule})
	}
	if s.Organization == RegionsLabel {
		faults = append(faults, FieldError{"organization.id", FieldConflict, "Keyward uses this id in the host names of regions. Choose another one."})
	}
	if s.Account != "" {
		faults = append(faults, s.placeholders()...)
	}
	faults = append(faults, slices.DeleteFunc(s.settings().faults("organization."), func(fault FieldError) bool {
		return s.KeyPrefix == "" && fault.Field == prefixField // an existing organization keeps its own
	})...)
	faults = append(faults, checkEmail("owner.email", s.OwnerEmail)...)
	faults = append(faults, requireName("owner.name", s.OwnerName)...)
	for i, service := range s.Services {
		// Faults that depend on the organization's records are found at
		// registration.
		err := service.validate(service.ID, Organization{Accounts: s.accounts()})
		if err == nil {
			_, err = service.warnings()
		}
		if e, ok := err.(*Error); ok { //nolint:errorlint // the very error, made one call away
			for _, fault := range e.Fields {
				fault.Field = fmt.Sprintf("services[%d].%s", i, fault.Field)
				faults = append(faults, fault)
			}
		}
	}
	for i, account := range s.Accounts {
		if !accountForm.matches(account) {
			faults = append(faults, FieldError{fmt.Sprintf("organization.accounts[%d]", i), FieldValue, "An AWS account must have 12 digits."})
		}
	}
	faults = append(faults, requireName("adminKey", s.AdminKey)...)
	return InvalidError(faults...)
}

// placeholders finds values of the sample setup that an operator must replace:
// an owner whom nobody can reach, and an account whose APIs would be trusted.
func (s Setup) placeholders() (faults []FieldError) {
	if strings.EqualFold(s.OwnerEmail, PlaceholderEmail) {
		faults = append(faults, FieldError{"owner.email", FieldValue, "This is the sample's owner. Send your organization's owner."})
	}
	const account = "This is the sample's AWS account. Send your own, or remove what names it."
	for i, named := range s.Accounts {
		if named == PlaceholderAccount {
			faults = append(faults, FieldError{fmt.Sprintf("organization.accounts[%d]", i), FieldValue, account})
		}
	}
	for i, service := range s.Services {
		for j, api := range service.APIs {
			if api.Account == PlaceholderAccount {
				faults = append(faults, FieldError{fmt.Sprintf("services[%d].apis[%d].account", i, j), FieldValue, account})
			}
		}
	}
	return faults
}
