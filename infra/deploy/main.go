// Command deploy deploys all of Keyward as infra/cdk.json says, to the account
// of the AWS credentials. It builds the functions and shows what changes. CDK
// asks before each stack that changes, unless YES is 1.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	outputs, err := filepath.Abs("dist/outputs.json")
	if err == nil {
		d := &deployment{infra: "infra", outputs: outputs, yes: os.Getenv("YES") == "1", out: os.Stdout}
		err = d.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
}
