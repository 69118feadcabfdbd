package canonical

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/dialect/wire"
)

// Propagation tells how far the newest version of a key has come.
type Propagation struct {
	ID string `json:"id" format:"uuid"`
	// Version is 0 for no key.
	Version           int      `json:"version,omitzero" doc:"The newest version of the key. Absent if the home region has none: then 404 tells that the others have none either."`
	DeletedOn         string   `json:"deletedOn,omitzero" format:"date-time" doc:"When the key was deleted. Absent unless its newest version is that of a deleted key."`
	CacheTTLSeconds   int      `json:"cacheTtlSeconds" doc:"How long an authorizer uses what it has read of a key."`
	GatewayTTLSeconds int      `json:"gatewayTtlSeconds" doc:"How long a gateway of the organization's services uses an answer, at most, by what the services declare."`
	OlderAllowedUntil string   `json:"olderAllowedUntil,omitzero" format:"date-time" doc:"Until when an older version of the key may still be allowed anywhere. Absent unless all regions are current."`
	Regions           []Region `json:"regions" doc:"The home region, and then the others by name."`
}

// Region is what one region's table held of a key.
type Region struct {
	Region            string `json:"region" doc:"The name of the region."`
	State             string `json:"state" enum:"current,behind,unknown" doc:"current: it has the newest version. behind: not yet. unknown: its table could not be read."`
	Version           int    `json:"version,omitzero" doc:"The version that the region's table holds. Absent: none, or it is unknown."`
	OlderAllowedUntil string `json:"olderAllowedUntil,omitzero" format:"date-time" doc:"Until when an older version of the key may still be allowed in the region. Absent unless it is current."`
}

// FromPropagation returns a key's propagation in wire form.
func FromPropagation(found apikey.Propagation) Propagation {
	form := Propagation{
		ID: found.Key.String(), Version: int(found.Version), DeletedOn: Time(found.DeletedOn), Regions: wire.List(found.Regions, fromRegion),
		CacheTTLSeconds: int(found.CacheTTL / time.Second), GatewayTTLSeconds: int(found.GatewayTTL / time.Second),
	}
	if until, ok := found.OlderUntil(); ok {
		form.OlderAllowedUntil = Time(until)
	}
	return form
}

func fromRegion(r apikey.RegionState) Region {
	return Region{r.Region, string(r.State), int(r.Version), Time(r.OlderUntil)}
}
