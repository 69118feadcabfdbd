// Package direct reaches Keyward's functions without its API: it invokes them with
// AWS credentials, for when the API or its authorizer does not work, or when no
// key is left.
//
// IAM alone decides who may do that: a principal with lambda:InvokeFunction on a
// function could always write such an event by hand. The functions authenticate the
// user who is named in it as they do behind the API: the user must exist, and may
// do what the user may do at that moment.
package direct

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// Invoker invokes the functions of one deployment.
type Invoker struct {
	lambda     *lambda.Client
	deployment string
	// AccessKey is the id of the AWS credentials. It is not a secret.
	AccessKey string
}

// New returns an invoker with the AWS credentials and the region that the AWS
// command line would use. deployment is the name with which the functions' names
// begin.
func New(ctx context.Context, deployment string) (*Invoker, error) {
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, failure.SignInf("the AWS settings cannot be read: %s", brief(err))
	}
	if settings.Region == "" {
		return nil, failure.Usagef("the AWS region is not known: set AWS_REGION")
	}
	credentials, err := settings.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, failure.SignInf("there are no AWS credentials: sign in as for the AWS command line, with aws sso login or AWS_PROFILE")
	}
	return &Invoker{lambda.NewFromConfig(settings), deployment, credentials.AccessKeyID}, nil
}

// Invoke runs a function on an event and returns its answer. A fault that the
// function reports is an error with its text.
func (i *Invoker) Invoke(ctx context.Context, function string, event []byte) ([]byte, error) {
	name := i.deployment + "-" + function
	answer, err := i.lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Payload: event})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, refused(name, err)
	}
	if aws.ToString(answer.FunctionError) != "" {
		return nil, faultOf(name, answer.Payload)
	}
	return answer.Payload, nil
}

// refused returns what AWS says of an invocation that did not come about.
func refused(name string, err error) error {
	var told smithy.APIError
	if !errors.As(err, &told) {
		return failure.Outagef("AWS Lambda cannot be reached: %s", brief(err))
	}
	switch told.ErrorCode() {
	case "AccessDeniedException":
		return failure.Refusedf("AWS does not let you invoke %s: you need lambda:InvokeFunction on it", name)
	case "ResourceNotFoundException":
		return failure.Refusedf("there is no function %s in this account and region: check AWS_REGION, AWS_PROFILE and --deployment", name)
	case "UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException":
		return failure.SignInf("AWS does not accept the credentials (%s): sign in to AWS again", told.ErrorCode())
	}
	return failure.Outagef("AWS Lambda does not run %s: %s", name, told.ErrorCode())
}

// faultOf returns the fault that a function reported: its code, then a sentence.
func faultOf(name string, payload []byte) error {
	var fault struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(payload, &fault) != nil || fault.Type != "DirectError" {
		return failure.Outagef("the function %s failed (%s): its log says why", name, fault.Type)
	}
	switch code, _, _ := strings.Cut(fault.Message, ":"); code {
	case "UNAVAILABLE", "INTERNAL", "PERMANENT_FAILURE":
		return failure.Outagef("%s", fault.Message)
	}
	return failure.Refusedf("%s", fault.Message)
}

// brief returns the last cause of an error, which is the telling one.
func brief(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}
