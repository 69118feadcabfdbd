// Command function is the program that the tests of the Lambda runtime run. It
// does what its event says.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do     string `json:"do"`
	Text   string `json:"text"`
	Millis int    `json:"millis"`
}

var calls atomic.Int32

func handle(ctx context.Context, e event) (any, error) {
	called := calls.Add(1)
	switch e.Do {
	case "error":
		return nil, errors.New(e.Text)
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.Millis)
	case "hold": // until a file of that name exists
		for {
			if _, err := os.Stat(e.Text); err == nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
	case "print":
		fmt.Println(e.Text)
		fmt.Fprint(os.Stderr, "to stderr\n")
	case "large":
		return strings.Repeat("x", e.Millis), nil
	case "environment":
		variables := os.Environ()
		sort.Strings(variables)
		return variables, nil
	case "context":
		lc, _ := lambdacontext.FromContext(ctx)
		deadline, _ := ctx.Deadline()
		return map[string]any{
			"arn": lc.InvokedFunctionArn, "id": lc.AwsRequestID, "trace": os.Getenv("_X_AMZN_TRACE_ID"),
			"millis": time.Until(deadline).Milliseconds(),
		}, nil
	}
	return map[string]any{"text": e.Text, "pid": os.Getpid(), "calls": called}, nil
}

func main() {
	switch os.Getenv("AT_START") {
	case "exit":
		os.Exit(3)
	case "hang":
		time.Sleep(time.Hour)
	}
	lambda.Start(handle)
}
