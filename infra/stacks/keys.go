package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// pendingDays is how long a deleted key can be restored: the maximum that KMS
// allows. Without the key, nothing that it encrypts can be read again.
const pendingDays = 30

// newKeys returns the stack of the three KMS keys, in the primary region. They
// outlive it, like their replicas, unless the deployment that created them
// fails, since nothing is encrypted with them then. It outputs the keys' ids
// twice: for an owner who copies them into the settings, and as exports for the
// other stacks of a single-region deployment.
func newKeys(scope constructs.Construct, settings plan.Settings) stack {
	k := newStack(scope, settings.KeysStack(), "Keyward: keys", settings.Primary(), settings).keep()
	for _, planned := range plan.Keys {
		key := awskms.NewCfnKey(k.Stack, jsii.String(planned.LogicalID), &awskms.CfnKeyProps{
			Description:       jsii.String(planned.Description),
			EnableKeyRotation: jsii.Bool(true),
			MultiRegion:       jsii.Bool(true),
			KeyPolicy:         accountDecides(),

			PendingWindowInDays: jsii.Number(pendingDays),
		})
		key.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
		k.addAlias(planned, key.Ref())
		awscdk.NewCfnOutput(k.Stack, jsii.String(planned.LogicalID+"Id"), &awscdk.CfnOutputProps{
			Description: jsii.String("The setting keyIds." + planned.Purpose),
			Value:       key.Ref(),
			ExportName:  jsii.String(exportName(settings, planned)),
		})
	}
	return k
}

// exportName returns the name under which the keys' stack exports a key's id.
func exportName(settings plan.Settings, key plan.Key) string {
	return settings.KeysStack() + "-" + key.Purpose
}

// newReplicaKeys returns the stack of the keys' replicas in another region.
func newReplicaKeys(scope constructs.Construct, settings plan.Settings, region string) stack {
	k := newStack(scope, settings.ReplicaKeysStack(region), "Keyward: replicas of the keys", region, settings).keep()
	for _, planned := range plan.Keys {
		key := awskms.NewCfnReplicaKey(k.Stack, jsii.String(planned.LogicalID), &awskms.CfnReplicaKeyProps{
			Description:   jsii.String(planned.Description),
			PrimaryKeyArn: k.keyARN(planned.Resource, settings.Primary()),
			KeyPolicy:     accountDecides(),

			PendingWindowInDays: jsii.Number(pendingDays),
		})
		key.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
		k.addAlias(planned, key.Ref())
	}
	return k
}

// accountDecides lets the account's own policies decide who may use a key, as KMS does
// by default. The functions' roles limit their use of it.
func accountDecides() awsiam.PolicyDocument {
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("AccountDecides"),
			Principals: &[]awsiam.IPrincipal{awsiam.NewAccountRootPrincipal()},
			Actions:    jsii.Strings("kms:*"),
			Resources:  jsii.Strings("*"),
		}),
	}})
}

func (s stack) addAlias(planned plan.Key, id *string) {
	awskms.NewCfnAlias(s.Stack, jsii.String(planned.LogicalID+"Alias"), &awskms.CfnAliasProps{
		AliasName:   jsii.String("alias/" + s.settings.Name + "/" + planned.Purpose),
		TargetKeyId: id,
	})
}
