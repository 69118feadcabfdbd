package stacks

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"

	"github.com/keyward/keyward/shared/operations"
)

// addGuarded allows each foreign API to call the authorizer, by a separate
// permission that names the API as its source. An AWS service acts for anyone
// who configures it, so without a source anyone's API could ask.
func (r *Regional) addGuarded() {
	authorizer := r.functions[operations.Authorizer.Name].lambda
	for _, api := range r.settings.GuardedIn(r.place) {
		principal, source := api.Caller(r.partition(), r.named(r.place))
		id := fmt.Sprintf("Guarded%s%sPermission", api.Account, api.API)
		awslambda.NewCfnPermission(r.Stack, jsii.String(id), &awslambda.CfnPermissionProps{
			Action:       jsii.String("lambda:InvokeFunction"),
			FunctionName: authorizer.FunctionArn(),
			Principal:    jsii.String(principal),
			SourceArn:    jsii.String(source),
		})
	}
}
