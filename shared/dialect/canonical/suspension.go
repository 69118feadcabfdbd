package canonical

import "github.com/keyward/keyward/shared/apikey"

// Suspension is the event of the suspend-organization function. Nothing of it
// has a default: what is left out is a fault, and never taken for an end.
type Suspension struct {
	Organization string `json:"organization" wire:"required"`
	Suspended    bool   `json:"suspended" wire:"required"`
	// Reason is for the audit log.
	Reason string `json:"reason" wire:"required"`
}

// Suspended is the function's answer: what is now.
type Suspended struct {
	Organization string `json:"organization"`
	Suspended    bool   `json:"suspended"`
}

// Suspension is the event in the rules' terms.
func (s Suspension) Suspension() apikey.Suspension {
	return apikey.Suspension{Organization: apikey.OrgID(s.Organization), Suspended: s.Suspended, Reason: s.Reason}
}

// FromStatus is what an organization is now.
func FromStatus(status apikey.Status) Suspended {
	return Suspended{string(status.Org), status.Suspended}
}
