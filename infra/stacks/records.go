package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// newHealthCheck returns a check that the region answers under its own name. It
// returns nil if there is no other region, because each check costs money.
func (r *Regional) newHealthCheck() awsroute53.CfnHealthCheck {
	if len(r.settings.Places()) < 2 {
		return nil
	}
	config := &awsroute53.CfnHealthCheck_HealthCheckConfigProperty{
		Type:                     jsii.String("HTTPS"),
		FullyQualifiedDomainName: jsii.String(r.settings.RegionalName(r.place)),
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

// addRecord points a host name to the region. The record is in the regional
// stack because only this stack knows the target. A global name has a record in
// each region, and Route 53 chooses one. With failover it chooses the first
// region's while that is healthy. The home does not affect this: there must
// never be two primary records, so two stacks could not swap their roles one
// after the other.
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
