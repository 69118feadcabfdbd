package canonical

import (
	"cmp"
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// PepperCommand is the event of the rotate-pepper function. Without members, it
// makes a new version of the pepper.
type PepperCommand struct {
	// MinimumAgeSeconds is how old the active version must be to be replaced;
	// default [apikey.DefaultPepperAge].
	MinimumAgeSeconds *int `json:"minimumAgeSeconds"`
	// Status, which must be true, changes nothing.
	Status *bool `json:"status"`
	// Retire is a version to retire. Force is how many keys may stop working.
	Retire *int `json:"retire"`
	Force  *int `json:"force"`
}

// maxPepperAgeSeconds is ten years, the longest MinimumAgeSeconds.
const maxPepperAgeSeconds = 10 * 365 * 24 * 60 * 60

// Faults returns what is wrong with the command.
func (c PepperCommand) Faults() (faults []apikey.FieldError) {
	unless := func(ok bool, field string, code apikey.FieldCode, detail string) {
		if !ok {
			faults = append(faults, apikey.FieldError{Field: field, Code: code, Detail: detail})
		}
	}
	within := func(n *int, least, most int) bool { return n == nil || least <= *n && *n <= most }
	alone := func(other bool) bool { return !other }
	unless(within(c.MinimumAgeSeconds, 0, maxPepperAgeSeconds), "minimumAgeSeconds", apikey.FieldValue, "minimumAgeSeconds must be a whole number from 0 to 315360000.")
	unless(c.Status == nil || *c.Status, "status", apikey.FieldValue, "status must be true. To rotate, leave it out.")
	unless(within(c.Retire, 1, 1<<31-1), "retire", apikey.FieldValue, "retire must be the number of a version.")
	unless(within(c.Force, 0, 1<<31-1), "force", apikey.FieldValue, "force must be the number of keys that may stop working.")
	unless(c.Force == nil || c.Retire != nil, "force", apikey.FieldConflict, "force needs retire, with the version to retire.")
	unless(alone(c.Retire != nil && c.Status != nil), "retire", apikey.FieldConflict, "Send either status or retire. Both answer with the state.")
	unless(alone(c.MinimumAgeSeconds != nil && (c.Status != nil || c.Retire != nil)), "minimumAgeSeconds", apikey.FieldConflict,
		"minimumAgeSeconds is for a rotation. Send it without status and retire.")
	return faults
}

// MinimumAge returns how old the active version must be to be replaced.
func (c PepperCommand) MinimumAge() time.Duration {
	if c.MinimumAgeSeconds == nil {
		return apikey.DefaultPepperAge
	}
	return time.Duration(*c.MinimumAgeSeconds) * time.Second
}

// Retirement returns what to retire.
func (c PepperCommand) Retirement() apikey.Retirement {
	retirement := apikey.Retirement{Version: *c.Retire, Forced: c.Force != nil}
	if c.Force != nil {
		retirement.Keys = *c.Force
	}
	return retirement
}

// PepperVersions is the answer of the rotate-pepper function.
type PepperVersions struct {
	Versions []PepperVersion `json:"versions"`
	// Organizations is how many organizations the keys were counted of.
	Organizations int `json:"organizations"`
	// UnreadableKeys counts the keys whose records are damaged: nobody knows which
	// version they need.
	UnreadableKeys int    `json:"unreadableKeys"`
	Note           string `json:"note,omitzero"`
}

// PepperVersion is a version of the pepper.
type PepperVersion struct {
	Version int `json:"version"`
	// State is active, verifying, retired, or unreadable.
	State string `json:"state"`
	// CreatedOn and AgeSeconds are absent for a version from before they were kept.
	CreatedOn  string `json:"createdOn,omitzero"`
	AgeSeconds int    `json:"ageSeconds,omitzero"`
	// ReplacedOn is when another version became active.
	ReplacedOn string `json:"replacedOn,omitzero"`
	// Keys counts the keys that stop working if the version is retired.
	Keys int `json:"keys"`
}

// FromPeppers returns a report in wire form, at that time.
func FromPeppers(report apikey.PepperReport, now time.Time) PepperVersions {
	form := PepperVersions{Versions: []PepperVersion{}, Organizations: report.Organizations, UnreadableKeys: report.Unreadable, Note: report.Note}
	for _, use := range report.Versions {
		p := use.Pepper
		version := PepperVersion{
			Version: p.Version, State: cmp.Or(string(p.State), "unreadable"), CreatedOn: Time(p.CreatedOn), ReplacedOn: Time(p.ReplacedOn), Keys: use.Keys,
		}
		if !p.CreatedOn.IsZero() {
			version.AgeSeconds = int(now.Sub(p.CreatedOn) / time.Second)
		}
		form.Versions = append(form.Versions, version)
	}
	return form
}
