package explain

import (
	"os"
	"reflect"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// A reason is written to the resource in cdk-nag's format, beside existing ones,
// for a construct's own resource or a plain resource. The first reason for a
// rule stays.
func TestRule(t *testing.T) {
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("stack"), nil)
	queue := awssqs.NewQueue(stack, jsii.String("Queue"), nil)
	own := queue.Node().DefaultChild().(awssqs.CfnQueue)
	cdknag.NagSuppressions_AddResourceSuppressions(queue, &[]*cdknag.NagPackSuppression{
		{Id: jsii.String("AwsSolutions-A"), Reason: jsii.String("The app says so.")},
	}, nil)
	Rule(queue, "A", "We say so.")
	Rule(queue, "B", "It is public.")
	Rule(own, "C", "It is small.")
	want := map[string]any{"rules_to_suppress": []any{
		map[string]any{"id": "AwsSolutions-A", "reason": "The app says so."},
		map[string]any{"id": "AwsSolutions-B", "reason": "It is public."},
		map[string]any{"id": "AwsSolutions-C", "reason": "It is small."},
	}}
	if got := own.GetMetadata(jsii.String("cdk_nag")); !reflect.DeepEqual(got, want) {
		t.Errorf("the metadata are %v, want %v", got, want)
	}
}
