package cfntest

import (
	"slices"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/infra/plan"
)

// domains checks that a region's API has exactly the region's names, with one
// certificate for all of them, and a record for each. It also checks that the
// API has its default URL only if it has no names.
func (c *checker) domains(o outer, region string) {
	hosts := map[string]plan.HostName{}
	for _, host := range c.settings.HostNames(c.names.region) {
		hosts[host.Name] = host
	}
	c.equal("the API's own URL being off", c.Resources[c.apiID()].get("DisableExecuteApiEndpoint"), len(hosts) > 0)
	certified := map[string]bool{}
	for _, certificate := range c.ofType("AWS::CertificateManager::Certificate") {
		c.equal("the certificate's validation", certificate.get("ValidationMethod"), "DNS")
		for _, name := range append(iam.OneOrMany(certificate.get("SubjectAlternativeNames")), certificate.get("DomainName")) {
			certified[text(name)] = true
		}
		for _, proof := range iam.OneOrMany(certificate.get("DomainValidationOptions")) {
			c.equal("the zone of the proof of "+text(at(proof, "DomainName")), at(proof, "HostedZoneId"), c.settings.HostedZoneID)
		}
	}
	sameNames(c, "certified names", certified, hosts)
	domains := map[string]Resource{}
	for _, domain := range c.ofType("AWS::ApiGateway::DomainName", "AWS::ApiGateway::DomainNameV2", "AWS::ApiGatewayV2::DomainName") {
		domains[text(domain.get("DomainName"))] = domain
		c.equal(domain.ID+"'s certificate", domain.get("RegionalCertificateArn"), "${Certificate}")
		c.equal(domain.ID+"'s least TLS", domain.get("SecurityPolicy"), "TLS_1_2")
		c.equal(domain.ID+"'s kind", domain.get("EndpointConfiguration", "Types"), "[REGIONAL]")
	}
	sameNames(c, "domain names", domains, hosts)
	c.mappings(domains)
	c.records(hosts, domains, region == o.settings.Primary())
}

// mappings checks that each domain name maps to the API's only stage.
func (c *checker) mappings(domains map[string]Resource) {
	mapped, want := map[string]bool{}, map[string]bool{}
	for _, mapping := range c.ofType("AWS::ApiGateway::BasePathMapping") {
		mapped[idIn(mapping.get("DomainName"))] = true
		c.equal(mapping.ID+"'s API", mapping.get("RestApiId"), "${"+c.apiID()+"}")
		c.equal(mapping.ID+"'s stage", c.Resources[idIn(mapping.get("Stage"))].Type, "AWS::ApiGateway::Stage")
		c.equal(mapping.ID+"'s base path", mapping.get("BasePath"), nil)
	}
	for _, domain := range domains {
		want[domain.ID] = true
	}
	sameNames(c, "mapped names", mapped, want)
}

// records checks the targets of the names and their routing.
func (c *checker) records(hosts map[string]plan.HostName, domains map[string]Resource, primary bool) {
	records, health := map[string]bool{}, c.health(hosts)
	for _, record := range c.ofType("AWS::Route53::RecordSet", "AWS::Route53::RecordSetGroup") {
		name := text(record.get("Name"))
		records[name] = true
		domain := domains[name].ID
		c.equal(record.ID+"'s zone", record.get("HostedZoneId"), c.settings.HostedZoneID)
		c.equal(record.ID+"'s type", record.get("Type"), "A")
		c.equal(record.ID+"'s target", record.get("AliasTarget", "DNSName"), "${"+domain+".RegionalDomainName}")
		c.equal(record.ID+"'s target's zone", record.get("AliasTarget", "HostedZoneId"), "${"+domain+".RegionalHostedZoneId}")
		want := [4]string{}
		switch {
		case !hosts[name].Global:
		case c.settings.Routing != plan.Failover:
			want = [4]string{c.names.region, c.names.region, "", health}
		case primary:
			want = [4]string{c.names.region, "", "PRIMARY", health}
		default:
			want = [4]string{c.names.region, "", "SECONDARY", health}
		}
		got := [4]string{text(record.get("SetIdentifier")), text(record.get("Region")), text(record.get("Failover")), text(record.get("HealthCheckId"))}
		c.equal(record.ID+"'s routing", got, want)
	}
	sameNames(c, "records", records, hosts)
}

// health checks that a region of several has a health check under its own name,
// and returns a reference to the check.
func (c *checker) health(hosts map[string]plan.HostName) string {
	checks := c.ofType("AWS::Route53::HealthCheck")
	if len(hosts) == 0 || len(c.settings.Places()) < 2 {
		c.equal("the number of health checks", len(checks), 0)
		return ""
	}
	c.equal("the number of health checks", len(checks), 1)
	if len(checks) == 0 {
		return ""
	}
	check := checks[0]
	config := check.get("HealthCheckConfig")
	c.equal(check.ID+"'s kind", at(config, "Type"), "HTTPS")
	c.equal(check.ID+"'s path", at(config, "ResourcePath"), plan.HealthPath)
	host := hosts[text(at(config, "FullyQualifiedDomainName"))]
	if host.Name == "" || host.Global {
		c.fault("%s looks at %q, want the region's own name", check.ID, text(at(config, "FullyQualifiedDomainName")))
	}
	if checkers := iam.OneOrMany(at(config, "Regions")); len(checkers) > 0 && len(checkers) < 3 || slices.Contains(checkers, nil) {
		c.fault("%s is done from %v, want three regions at least", check.ID, checkers)
	}
	return "${" + check.ID + ".HealthCheckId}"
}
