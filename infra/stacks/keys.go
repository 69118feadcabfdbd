package stacks

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// pendingDays is how long a key that somebody deletes can still be saved: as long
// as KMS allows. Without its key nothing of what it encrypts can be read again.
const pendingDays = 30

// Keys are the three KMS keys: in the primary region the keys themselves, and in
// each other region their replicas. They outlive their stacks, but not the failed
// deployment that made them, after which nothing can be under them.
type Keys struct{ stack }

// newKeys tells the keys' ids twice: for the owner, who copies them into the
// settings, and for other stacks of the one region of those who do not.
func newKeys(scope constructs.Construct, settings plan.Settings) Keys {
	k := Keys{newStack(scope, settings.KeysStack(), "Keyward: keys", settings.Primary(), settings).keep()}
	for _, planned := range plan.Keys {
		key := awskms.NewCfnKey(k.Stack, jsii.String(planned.LogicalID), &awskms.CfnKeyProps{
			Description:       jsii.String(planned.Description),
			EnableKeyRotation: jsii.Bool(true),
			MultiRegion:       jsii.Bool(true),
			KeyPolicy:         k.policy(),

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

// exportName is the name under which the stack of keys exports a key's id.
func exportName(settings plan.Settings, key plan.Key) string {
	return settings.KeysStack() + "-" + key.Purpose
}

func newReplicaKeys(scope constructs.Construct, settings plan.Settings, region string) Keys {
	k := Keys{newStack(scope, settings.ReplicaKeysStack(region), "Keyward: replicas of the keys", region, settings).keep()}
	for _, planned := range plan.Keys {
		key := awskms.NewCfnReplicaKey(k.Stack, jsii.String(planned.LogicalID), &awskms.CfnReplicaKeyProps{
			Description:   jsii.String(planned.Description),
			PrimaryKeyArn: k.keyARN(planned.Resource, settings.Primary()),
			KeyPolicy:     k.policy(),

			PendingWindowInDays: jsii.Number(pendingDays),
		})
		key.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, nil)
		k.addAlias(planned, key.Ref())
	}
	return k
}

// policy leaves it to the account's own policies who may use a key, as KMS does
// by default: the roles of the functions say what they may do with it.
func (k Keys) policy() awsiam.PolicyDocument {
	return awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &[]awsiam.PolicyStatement{
		awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Sid:        jsii.String("AccountDecides"),
			Principals: &[]awsiam.IPrincipal{awsiam.NewAccountRootPrincipal()},
			Actions:    jsii.Strings("kms:*"),
			Resources:  jsii.Strings("*"),
		}),
	}})
}

func (k Keys) addAlias(planned plan.Key, id *string) {
	awskms.NewCfnAlias(k.Stack, jsii.String(planned.LogicalID+"Alias"), &awskms.CfnAliasProps{
		AliasName:   jsii.String("alias/" + k.settings.Name + "/" + planned.Purpose),
		TargetKeyId: id,
	})
}
