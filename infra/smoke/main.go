// Command smoke tries a deployed Keyward. It creates, uses, changes and deletes
// the objects of most functions, and leaves only audit records behind. The
// environment holds the address (URL) and the key (KEY), so that no process list
// shows the key.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second interruption ends it at once
	target := cmp.Or(os.Getenv("URL"), os.Getenv("KEYWARD_URL"))
	key := cmp.Or(os.Getenv("KEY"), os.Getenv("KEYWARD_API_KEY"))
	if err := try(ctx, target, key, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
}
