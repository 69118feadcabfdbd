package plan

// HostName is a host name of a region's API.
type HostName struct {
	// LogicalID is the prefix of its resources' names in a template.
	LogicalID string
	// Name is the host name. A first label * stands for any organization's.
	Name string
	// Global names belong to all regions, the others to one region.
	Global bool
}

// regionsLabel is the only label below api.DOMAIN that is not an organization's.
const regionsLabel = "aws"

// HostNames returns the names of a region. There are none unless Keyward creates
// them.
func (s *Settings) HostNames(region string) []HostName {
	if !s.Named() {
		return nil
	}
	global, regional := "api."+s.Domain, s.RegionalName(region)
	return []HostName{
		{"GlobalName", global, true},
		{"GlobalOrganizationNames", "*." + global, true},
		{"RegionalName", regional, false},
		{"RegionalOrganizationNames", "*." + regional, false},
	}
}

// RegionalName returns the host name of one region's API.
func (s *Settings) RegionalName(region string) string {
	return region + "." + regionsLabel + ".api." + s.Domain
}

// HealthPath shows whether a region is healthy. It is public, and needs no table
// and no key.
const HealthPath = "/v1/openapi.json"

// HealthCheckers returns the regions that check the health of others: as few as
// Route 53 allows, since each request costs money. Outside the partition of
// these regions it returns none, which means all.
func (s *Settings) HealthCheckers() []string {
	if Partition(s.Primary()) != "aws" {
		return nil
	}
	return []string{"us-east-1", "eu-west-1", "ap-southeast-1"}
}
