// Command local runs Keyward on this machine. "local run" runs everything until
// it is interrupted. "local invoke" runs one function on one event, or with "-fn
// all" every event of the events folder. The Makefile builds the functions
// first.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/keyward/keyward/infra/local/checkout"
)

// command holds what both subcommands share.
type command struct {
	// root is the module's folder; local is the folder for the files of a run.
	root, local    string
	stdout, stderr io.Writer
	getenv         func(string) string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := start(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
}

// errUsage shows the make targets, because people use those.
var errUsage = errors.New("usage: make run | make invoke FN=whoami EVENT=events/whoami.json | make invoke FN=all")

func start(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	local := flags.String("local", "", "folder of env and functions.log; default .local in the module")
	function := flags.String("fn", "", "name of the function to invoke")
	event := flags.String("event", "", "file that holds the event")
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return errUsage
	}
	root, err := checkout.Root()
	if err != nil {
		return err
	}
	if *local == "" {
		*local = filepath.Join(root, ".local")
	}
	c := command{root: root, local: *local, stdout: os.Stdout, stderr: os.Stderr, getenv: os.Getenv}
	switch {
	case args[0] == "run" && *function == "" && *event == "":
		return c.run(ctx)
	case args[0] == "invoke" && *function == "all":
		return c.invokeAll(ctx)
	case args[0] == "invoke" && *function != "" && *event != "":
		return c.invoke(ctx, *function, *event)
	default:
		return errUsage
	}
}
