package plan

// HostName is a name under which a region's API answers.
type HostName struct {
	// LogicalID begins the names of its resources in a template.
	LogicalID string
	// Name is the host name; a first label * stands for any organization's.
	Name string
	// Global names are every region's, the others one region's own.
	Global bool
}

// regionsLabel is the one name below api.DOMAIN that is not an organization's.
const regionsLabel = "aws"

// HostNames are the names of a region: none unless Keyward makes them.
func (s *Settings) HostNames(region string) []HostName {
	if !s.Named() {
		return nil
	}
	global, regional := "api."+s.Domain, region+"."+regionsLabel+".api."+s.Domain
	return []HostName{
		{"GlobalName", global, true},
		{"GlobalOrganizationNames", "*." + global, true},
		{"RegionalName", regional, false},
		{"RegionalOrganizationNames", "*." + regional, false},
	}
}

// HealthPath is what tells whether a region is healthy: it is public, and
// touches no table and no key.
const HealthPath = "/v1/openapi.json"

// HealthCheckers are the regions that look whether others are healthy: as few as
// Route 53 allows, since each request costs. Empty, all of them, outside the
// partition whose regions these are.
func (s *Settings) HealthCheckers() []string {
	if Partition(s.Primary()) != "aws" {
		return nil
	}
	return []string{"us-east-1", "eu-west-1", "ap-southeast-1"}
}
