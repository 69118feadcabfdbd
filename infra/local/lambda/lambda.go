// Package lambda runs the real function binaries as AWS Lambda does: each as a
// process of its own that polls the Lambda runtime API.
package lambda

// FunctionError is a function's own failure: the error that it returned, or its
// process's end. Type and Message are those of the Lambda runtime API.
type FunctionError struct {
	Type    string
	Message string
}

// Error is the type and the message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }
