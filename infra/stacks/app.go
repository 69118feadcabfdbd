//go:generate go test -count=1 -run ^TestSnapshot$ . -update

// Package stacks builds Keyward's CloudFormation stacks with CDK. Their content
// comes from the operation table and from package plan; a test compares the
// synthesized templates with both.
//
// A deployment has one stack of keys, a stack of their replicas in each further
// region, one stack of tables, and a stack of functions with their API in each
// region. The stacks find each other by names and ids that are known beforehand.
// They use no references between regions, for which CDK would deploy functions
// of its own.
package stacks

import (
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/infra/plan"
)

// Props are the parameters of a deployment.
type Props struct {
	Settings plan.Settings
	// Assets is the folder that holds NAME.zip for every function.
	Assets string
}

// New adds the stacks of a deployment to an app and returns them in the order in
// which they must be deployed. If the ids of keys are needed but unknown, it
// adds only the keys' stack. Like CDK, it panics if the assets are missing.
func New(scope constructs.Construct, props Props) []awscdk.Stack {
	all := newStacks(scope, props)
	for _, stack := range all {
		for _, key := range slices.Sorted(maps.Keys(props.Settings.Tags)) {
			awscdk.Tags_Of(stack).Add(jsii.String(key), jsii.String(props.Settings.Tags[key]), &awscdk.TagProps{
				// CDK would tag a dashboard, but not every template checker knows that
				// dashboards support tags.
				ExcludeResourceTypes: jsii.Strings("AWS::CloudWatch::Dashboard"),
			})
		}
	}
	return all
}

func newStacks(scope constructs.Construct, props Props) []awscdk.Stack {
	settings := props.Settings
	keys := newKeys(scope, settings)
	all := []awscdk.Stack{keys.Stack}
	if settings.NeedsKeyIDs() {
		return all
	}
	for _, region := range settings.Places()[1:] {
		all = append(all, newReplicaKeys(scope, settings, region).Stack)
	}
	all = append(all, newGlobal(scope, settings).Stack)
	for _, region := range settings.Places() {
		all = append(all, newRegional(scope, props, region).Stack)
	}
	inOrder(all, len(settings.Places()))
	return all
}

// inOrder makes each stack depend on those it needs: the replicas on the keys,
// the tables on all keys, and the regions, which come last, on the tables.
func inOrder(all []awscdk.Stack, regions int) {
	global := len(all) - regions - 1
	for i, stack := range all[1:] {
		switch i++; {
		case i < global:
			stack.AddStackDependency(all[0], nil)
		case i == global:
			for _, keys := range all[:global] {
				stack.AddStackDependency(keys, nil)
			}
		default:
			stack.AddStackDependency(all[global], nil)
		}
	}
}
