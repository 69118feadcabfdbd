package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/operations"
)

// newClient returns a client that asks once, so that no failure is hidden. Its
// error says what to give as URL or key.
func newClient(target, key string) (*client.Client, error) {
	c, err := client.New(target, client.NewSecret(key), client.WithRetries(0), client.WithUserAgent("keyward-smoke"))
	if err != nil {
		return nil, fmt.Errorf("%w; URL is the output ApiUrl of the region's stack, KEY a key of this deployment", err)
	}
	return c, nil
}

// advise returns the error of an operation's call as one line that also says what
// was asked and what to look at.
func advise(operation string, err error) error {
	if errors.Is(err, client.ErrConnection) {
		return fmt.Errorf("%w: is URL the output ApiUrl of the region's stack?", err)
	}
	refused, ok := errors.AsType[*client.Error](err)
	if !ok {
		return err
	}
	return errors.New(asked(operation, refused) + advice(operation, refused))
}

func asked(operation string, refused *client.Error) string {
	op, _ := operations.Find(operation)
	said := refused.Title
	if refused.Code != "" {
		said = refused.Detail
	}
	for _, fault := range refused.Fields {
		said += " " + fault.Detail
	}
	if refused.RequestID != "" {
		said += " (request " + refused.RequestID + ")"
	}
	return fmt.Sprintf("%s %s answered %d %s: ", op.Routes[0].Method, op.Routes[0].Path, refused.Status, said)
}

func advice(operation string, refused *client.Error) string {
	const refusals = `; infra/RUNBOOK.md, "If AWS refuses a role"`
	function := "keyward-" + operation
	switch {
	case refused.Status == http.StatusUnauthorized:
		return "give a key of this deployment that is enabled and not expired, such as bootstrap's"
	case refused.Status == http.StatusServiceUnavailable:
		return "look at the log of the function keyward-authorizer, then of " + function + refusals
	case refused.Status >= 500:
		return "look at the log of the function " + function + refusals
	case refused.Status == http.StatusTooManyRequests:
		return "somebody asks too much: wait a minute"
	case refused.Code == "":
		return "this is not Keyward's answer: is URL the output ApiUrl of the region's stack, with the stage at its end?"
	case refused.Status == http.StatusForbidden:
		return "give a key with all of Keyward's permissions and without limits, such as bootstrap's"
	}
	return "look at what it says, and at the log of the function " + function
}

// answered reports whether a call was refused with a status.
func answered(err error, status int) bool {
	refused, ok := errors.AsType[*client.Error](err)
	return ok && refused.Status == status
}
