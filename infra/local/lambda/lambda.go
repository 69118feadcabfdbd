// Package lambda runs the real function binaries as AWS Lambda does: each as a
// process of its own that polls the Lambda runtime API. Processes are started
// on first use, more of them as invocations overlap, and again after they exit.
//
// It keeps Lambda's promises to a function and to its caller: environment,
// headers, deadline, time-out, error types, payload limits. It does not freeze
// a process between invocations, throttle its CPU or bill.
package lambda

import "time"

// FunctionError is a function's own failure: the error that it returned, or its
// process's end. Type and Message are those of the Lambda runtime API.
type FunctionError struct {
	Type    string
	Message string
}

// Error is the type and the message.
func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// The types of the errors that Lambda itself reports of a function.
const (
	// ExitError: the process ended before it answered.
	ExitError = "Runtime.ExitError"
	// TimedOut: the process did not answer, or did not start to poll, in time.
	TimedOut = "Sandbox.Timedout"
	// InvalidEntrypoint: there is no binary, or it cannot be run.
	InvalidEntrypoint = "Runtime.InvalidEntrypoint"
	// ResponseTooLarge: the answer is over [MaxPayload].
	ResponseTooLarge = "Function.ResponseSizeTooLarge"
)

// MaxPayload is Lambda's limit on an event and on an answer, in bytes.
const MaxPayload = 6 << 20

// InitTimeout is how long a process may take to start to poll.
const InitTimeout = 10 * time.Second

// Function is one function's code and settings.
type Function struct {
	// Name is the function's name.
	Name string
	// Binary is the path of its executable, "bootstrap".
	Binary string
	// Environment is the function's own variables.
	Environment map[string]string
	// Timeout is how long an invocation may take; 0 means 10 s.
	Timeout time.Duration
	// MemoryMB is what the function is told of its memory, which nothing
	// enforces; 0 means 512.
	MemoryMB int
	// Concurrency is how many invocations one process holds at a time; 0 means
	// 1, Lambda's classic way. More sets AWS_LAMBDA_MAX_CONCURRENCY.
	Concurrency int
	// MaxProcesses is how many processes run at a time; 0 means 10. Further
	// invocations wait.
	MaxProcesses int
}

func (f Function) withDefaults() Function {
	orDefault := func(n *int, fallback int) {
		if *n == 0 {
			*n = fallback
		}
	}
	if f.Timeout == 0 {
		f.Timeout = 10 * time.Second
	}
	orDefault(&f.MemoryMB, 512)
	orDefault(&f.Concurrency, 1)
	orDefault(&f.MaxProcesses, 10)
	return f
}
