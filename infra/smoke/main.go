// Command smoke tries a deployed Keyward: it makes, uses, changes and deletes what
// most functions of a deployment are for, and leaves nothing behind but the records
// of the audit log. The environment says where (URL) and with which key (KEY), so
// that no list of processes shows the key.
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
	context.AfterFunc(ctx, stop) // a second one ends it at once
	target := cmp.Or(os.Getenv("URL"), os.Getenv("KEYWARD_URL"))
	key := cmp.Or(os.Getenv("KEY"), os.Getenv("KEYWARD_API_KEY"))
	if err := try(ctx, target, key, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
}
