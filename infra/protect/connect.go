package protect

import (
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Deployment says where Keyward is.
type Deployment struct {
	// Authorizer is the ARN of the authorizer's function, in any account but in the
	// APIs' region: the output AuthorizerArn of Keyward's stack there. It must be
	// plain text, because its account decides who can allow the APIs to call it.
	Authorizer string
	// URL is the management API's https URL: the output ApiUrl, with or without a
	// trailing slash.
	URL string
	// Key is a secret whose entire text is an API key that holds
	// AdministerServices. Only the deployment reads it.
	Key awssecretsmanager.ISecret
}

// Keyward is a deployment of Keyward, for use in one stack of an app.
type Keyward struct {
	constructs.Construct
	authorizer authorizer
	deployment Deployment
	// register is the ARN of the function that registers services.
	register *string
	// sound is false if the deployment has faults, which the app's Synth reports.
	// Then nothing that depends on it is created.
	sound bool
}

// Connect adds what the services of a stack share: the function that registers
// them. The app's Synth reports faults of the deployment.
func Connect(scope constructs.Construct, id string, d Deployment) *Keyward {
	k := &Keyward{Construct: constructs.NewConstruct(scope, jsii.String(id)), deployment: d}
	faults := d.faults()
	report(k.Construct, func() []string { return faults })
	if k.sound = len(faults) == 0; k.sound {
		k.authorizer = parseAuthorizer(d.Authorizer)
		k.register = k.newRegister().FunctionArn()
	}
	return k
}

var (
	authorizerForm = regexp.MustCompile(`^arn:aws[a-z-]*:lambda:[a-z0-9-]+:[0-9]{12}:function:[A-Za-z0-9_-]{1,64}(:[A-Za-z0-9_$-]{1,128})?$`)
	urlForm        = regexp.MustCompile(`^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?$`)
)

func (d Deployment) faults() (faults []string) {
	if !authorizerForm.MatchString(d.Authorizer) {
		faults = append(faults, "Deployment.Authorizer: want the ARN of a Lambda function as plain text, such as arn:aws:lambda:eu-central-1:123456789012:function:keyward-authorizer")
	}
	if !urlForm.MatchString(d.URL) && !*awscdk.Token_IsUnresolved(d.URL) {
		faults = append(faults, "Deployment.URL: want an https URL, such as https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com/live")
	}
	if d.Key == nil {
		faults = append(faults, "Deployment.Key: want the secret that holds an API key with the permission AdministerServices")
	}
	return faults
}

// authorizer is the authorizer's function.
type authorizer struct{ arn, region, account, uri string }

// parseAuthorizer parses an ARN that is known to be valid.
func parseAuthorizer(arn string) authorizer {
	parts := strings.Split(arn, ":")
	partition, region, account := parts[1], parts[3], parts[4]
	return authorizer{
		arn: arn, region: region, account: account,
		uri: "arn:" + partition + ":apigateway:" + region + ":lambda:path/2015-03-31/functions/" + arn + "/invocations",
	}
}

// report makes the app's Synth fail with every fault that find returns then.
func report(c constructs.Construct, find func() []string) {
	c.Node().AddValidation(&validation{find})
}

// validation implements CDK's validation.
type validation struct{ find func() []string }

// Validate returns the faults in the form that CDK expects.
func (v *validation) Validate() *[]*string { return jsii.Strings(v.find()...) }
