package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// newHealthCheck looks whether the region answers, under the region's own name;
// nil where there is no other region to go to, since each look costs.
func (r *Regional) newHealthCheck() awsroute53.CfnHealthCheck {
	if len(r.settings.Places()) < 2 {
		return nil
	}
	config := &awsroute53.CfnHealthCheck_HealthCheckConfigProperty{
		Type:                     jsii.String("HTTPS"),
		FullyQualifiedDomainName: jsii.String(r.place + ".aws.api." + r.settings.Domain),
		ResourcePath:             jsii.String(plan.HealthPath),
		EnableSni:                jsii.Bool(true),
		RequestInterval:          jsii.Number(30),
		FailureThreshold:         jsii.Number(3),
	}
	if checkers := r.settings.HealthCheckers(); checkers != nil {
		config.Regions = jsii.Strings(checkers...)
	}
	return awsroute53.NewCfnHealthCheck(r.Stack, jsii.String("HealthCheck"), &awsroute53.CfnHealthCheckProps{HealthCheckConfig: config})
}

// addRecord leads a host name to the region. The record is here and not with
// what all regions share, because only this region knows where it leads. A
// global name has a record in each region, of which Route 53 chooses one; in
// failing over, that of the first region while it is healthy. Which region is
// the home does not matter to it: two stacks could not exchange their roles one
// after the other, since there must never be two primary records.
func (r *Regional) addRecord(host plan.HostName, domain awsapigateway.CfnDomainName, health awsroute53.CfnHealthCheck) {
	record := &awsroute53.CfnRecordSetProps{
		HostedZoneId: jsii.String(r.settings.HostedZoneID),
		Name:         jsii.String(host.Name),
		Type:         jsii.String("A"),
		AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
			DnsName:              domain.AttrRegionalDomainName(),
			HostedZoneId:         domain.AttrRegionalHostedZoneId(),
			EvaluateTargetHealth: jsii.Bool(false),
		},
	}
	if host.Global {
		record.SetIdentifier = jsii.String(r.named(r.place))
		switch {
		case r.settings.Routing != plan.Failover:
			record.Region = jsii.String(r.named(r.place))
		case r.place == r.settings.Primary():
			record.Failover = jsii.String("PRIMARY")
		default:
			record.Failover = jsii.String("SECONDARY")
		}
		if health != nil {
			record.HealthCheckId = health.AttrHealthCheckId()
		}
	}
	awsroute53.NewCfnRecordSet(r.Stack, jsii.String(host.LogicalID+"Record"), record)
}
