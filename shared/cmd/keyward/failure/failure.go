// Package failure holds the exit codes of the command line, and the errors that
// have one.
package failure

import (
	"errors"
	"fmt"
)

// The exit codes. They do not change.
const (
	// OK is success; for a scan, that it searched everything and found no key.
	OK = 0
	// Refused says that Keyward refused, that something does not exist or is not
	// valid, or that a scan found a key.
	Refused = 1
	// Usage says that the command line or its input is wrong. Nothing was changed.
	Usage = 2
	// SignIn says that there is no credential, or that Keyward does not accept it.
	SignIn = 4
	// Outage says that there is no answer, and so neither yes nor no: Keyward cannot
	// be reached or fails, or a scan could not read everything.
	Outage = 5
	// Interrupted says that the user ended the command.
	Interrupted = 130
	// Closed says that the reader of the output has gone, as "head" does. It is the
	// code that shells give to a program that this ends.
	Closed = 141
)

// Error is a line for people, and the exit code that goes with it.
type Error struct {
	// Code is one of the exit codes of this package.
	Code int
	line string
}

// Error returns the line.
func (e *Error) Error() string { return e.line }

// Usagef returns an error with the code [Usage].
func Usagef(format string, values ...any) error { return newError(Usage, format, values) }

// Refusedf returns an error with the code [Refused].
func Refusedf(format string, values ...any) error { return newError(Refused, format, values) }

// SignInf returns an error with the code [SignIn].
func SignInf(format string, values ...any) error { return newError(SignIn, format, values) }

// Outagef returns an error with the code [Outage].
func Outagef(format string, values ...any) error { return newError(Outage, format, values) }

// Interruptedf returns an error with the code [Interrupted], where there is something
// to tell.
func Interruptedf(format string, values ...any) error { return newError(Interrupted, format, values) }

func newError(code int, format string, values []any) error {
	return &Error{code, fmt.Sprintf(format, values...)}
}

// Code returns the exit code of an error, if it is of this package.
func Code(err error) (code int, ok bool) {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code, true
	}
	return 0, false
}

// Silent returns an error whose cause was told already.
func Silent(code int) error { return &Error{code, ""} }
