package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/keyward/keyward/infra/plan"
)

// checkAccount asks AWS which account the credentials belong to, before anything
// is built or changed.
func (d *deployment) checkAccount(ctx context.Context, settings plan.Settings) error {
	who := exec.CommandContext(ctx, "aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text")
	answer, err := who.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return errors.New("aws is missing: install AWS CLI v2")
	}
	if err != nil {
		return noCredentials(err)
	}
	account := strings.TrimSpace(string(answer))
	if settings.Account != "" && account != settings.Account {
		return fmt.Errorf("the AWS credentials are of the account %s, and the setting account is %s", account, settings.Account)
	}
	_, _ = fmt.Fprintf(d.out, "keyward: deploying to the account %s\n", account)
	return nil
}

// noCredentials returns an error that says what to do about credentials that AWS
// rejects, with the last line of the AWS command line.
func noCredentials(err error) error {
	said := err.Error()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		if text := strings.TrimSpace(string(exit.Stderr)); text != "" {
			said = text[strings.LastIndexByte(text, '\n')+1:]
		}
	}
	if names := localVariables(); len(names) > 0 {
		return fmt.Errorf("no AWS credentials: this shell has variables of the local stack, %s: use another; aws said: %s", strings.Join(names, ", "), said)
	}
	return fmt.Errorf("no AWS credentials: set AWS_PROFILE, or log in, until \"aws sts get-caller-identity\" answers; it said: %s", said)
}

// localVariables returns the environment variables that direct AWS calls to the
// stack of make run.
func localVariables() (names []string) {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if name == "AWS_ACCESS_KEY_ID" && value == "local" || strings.HasPrefix(name, "AWS_ENDPOINT_URL_") && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
