// Package lambda runs the real function binaries as AWS Lambda does: each as a
// process that polls the Lambda runtime API. It starts a process on first use,
// more if invocations overlap, and again after one exits.
//
// It keeps Lambda's guarantees to a function and its caller: environment,
// headers, deadline, timeout, error types, payload limits. It does not freeze a
// process between invocations, throttle its CPU or bill.
package lambda

import (
	"cmp"
	"time"
)

// FunctionError is a failure of the function itself: an error that it returned,
// or the end of its process. Type and Message are those of the Lambda runtime
// API.
type FunctionError struct {
	Type    string
	Message string
}

// Error returns the type and the message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// The error types that Lambda itself reports for a function.
const (
	// ExitError means that the process ended before it answered.
	ExitError = "Runtime.ExitError"
	// TimedOut means that the process did not answer, or did not start to poll, in
	// time.
	TimedOut = "Sandbox.Timedout"
	// InvalidEntrypoint means that there is no binary, or it cannot be run.
	InvalidEntrypoint = "Runtime.InvalidEntrypoint"
	// ResponseTooLarge means that the answer exceeds [MaxPayload].
	ResponseTooLarge = "Function.ResponseSizeTooLarge"
)

// MaxPayload is Lambda's limit for an event and for an answer, in bytes.
const MaxPayload = 6 << 20

// InitTimeout is how long a process may take until its first poll.
const InitTimeout = 10 * time.Second

// Function is one function's code and settings.
type Function struct {
	// Name is the function's name.
	Name string
	// Binary is the path of its executable, "bootstrap".
	Binary string
	// Environment holds the function's own variables.
	Environment map[string]string
	// Timeout is how long an invocation may take; 0 means 10 s.
	Timeout time.Duration
	// Concurrency is how many invocations one process handles at a time; 0 means 1,
	// as in standard Lambda. Larger values set AWS_LAMBDA_MAX_CONCURRENCY.
	Concurrency int
	// MaxProcesses is how many processes run at a time; 0 means 10. More
	// invocations wait.
	MaxProcesses int
}

func (f Function) withDefaults() Function {
	f.Timeout = cmp.Or(f.Timeout, 10*time.Second)
	f.Concurrency = cmp.Or(f.Concurrency, 1)
	f.MaxProcesses = cmp.Or(f.MaxProcesses, 10)
	return f
}
