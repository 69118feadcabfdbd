package canonical

import "github.com/keyward/keyward/shared/apikey"

// Suspension is the event of the suspend-organization function. No member has a
// default: an absent one is a fault and never means the end of a suspension.
type Suspension struct {
	Organization string `json:"organization" wire:"required"`
	Suspended    bool   `json:"suspended" wire:"required"`
	// Reason is for the audit log.
	Reason string `json:"reason" wire:"required"`
}

// Suspended is the function's answer: the organization's current state.
type Suspended struct {
	Organization string `json:"organization"`
	Suspended    bool   `json:"suspended"`
}

// Suspension returns the event in the rules' terms.
func (s Suspension) Suspension() apikey.Suspension {
	return apikey.Suspension{Organization: apikey.OrgID(s.Organization), Suspended: s.Suspended, Reason: s.Reason}
}

// FromStatus returns an organization's current state in wire form.
func FromStatus(status apikey.Status) Suspended {
	return Suspended{string(status.Org), status.Suspended}
}
