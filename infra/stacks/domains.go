package stacks

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// addDomains adds the region's host names to the API, all with one certificate.
// The names are created one after the other: API Gateway accepts one in 30
// seconds per account and refuses concurrent ones.
func (r *Regional) addDomains(api awsapigateway.RestApi) {
	hosts := r.settings.HostNames(r.named(r.place))
	if len(hosts) == 0 {
		return
	}
	certificate := r.newCertificate(hosts)
	health := r.newHealthCheck()
	var before awsapigateway.CfnDomainName
	for _, host := range hosts {
		domain := awsapigateway.NewCfnDomainName(r.Stack, jsii.String(host.LogicalID), &awsapigateway.CfnDomainNameProps{
			DomainName:             jsii.String(host.Name),
			RegionalCertificateArn: certificate.Ref(),
			SecurityPolicy:         jsii.String("TLS_1_2"),
			EndpointConfiguration: &awsapigateway.CfnDomainName_EndpointConfigurationProperty{
				Types: jsii.Strings("REGIONAL"),
			},
		})
		if before != nil {
			domain.AddResourceDependency(before, nil)
		}
		before = domain
		awsapigateway.NewCfnBasePathMapping(r.Stack, jsii.String(host.LogicalID+"Mapping"), &awsapigateway.CfnBasePathMappingProps{
			DomainName: domain.Ref(),
			RestApiId:  api.RestApiId(),
			Stage:      api.DeploymentStage().StageName(),
		})
		r.addRecord(host, domain, health)
	}
}

// newCertificate returns a certificate for all of the names. A name and the
// wildcard below it share one validation record.
func (r *Regional) newCertificate(hosts []plan.HostName) awscertificatemanager.CfnCertificate {
	var names []string
	var proofs []any
	for _, host := range hosts {
		names = append(names, host.Name)
		if host.Name[0] != '*' {
			proofs = append(proofs, &awscertificatemanager.CfnCertificate_DomainValidationOptionProperty{
				DomainName: jsii.String(host.Name), HostedZoneId: jsii.String(r.settings.HostedZoneID),
			})
		}
	}
	return awscertificatemanager.NewCfnCertificate(r.Stack, jsii.String("Certificate"), &awscertificatemanager.CfnCertificateProps{
		DomainName:              jsii.String(names[0]),
		SubjectAlternativeNames: jsii.Strings(names[1:]...),
		ValidationMethod:        jsii.String("DNS"),
		DomainValidationOptions: proofs,
	})
}

// url returns the API's URL in this region, without a slash at the end.
func (r *Regional) url(api awsapigateway.RestApi) *string {
	if r.settings.Named() {
		return jsii.String("https://" + r.settings.RegionalName(r.named(r.place)))
	}
	return jsii.String(strings.TrimSuffix(*api.Url(), "/"))
}
