// Command keyward is Keyward's command line.
package main

import (
	"context"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/keyward/keyward/shared/cmd/keyward/command"
)

func main() {
	// GODEBUG=http2debug=2 would print the key that each request carries.
	log.SetOutput(io.Discard)
	// Without this, a pipe that nobody reads ends the program before it can say that
	// a key was made and not shown.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends what does not end by itself
	code := command.Run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
