// Command record writes down what a version of Keyward stores: it runs the local
// stack of a checkout of that version, makes one of each thing through its API,
// and writes all tables, keys and texts into a file for the tests of package
// upgrade.
//
//	git worktree add ../old v1.2.0
//	go run ./infra/proof/upgrade/record ../old infra/proof/upgrade/testdata/v1.2.0.json
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"github.com/keyward/keyward/infra/local/client"
	"github.com/keyward/keyward/infra/proof/upgrade"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: record CHECKOUT FILE")
		os.Exit(2)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	if err := record(ctx, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
}

func record(ctx context.Context, checkout, file string) error {
	folder, err := os.MkdirTemp("", "keyward-record-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	made, err := run(ctx, checkout, folder)
	if err != nil {
		return err
	}
	data, err := upgrade.Collect(ctx, folder)
	if err != nil {
		return err
	}
	data.Made = made
	return data.Write(file)
}

// run creates resources with the checkout's stack and keeps them in the folder.
func run(ctx context.Context, checkout, folder string) (made map[string]upgrade.Made, err error) {
	env := filepath.Join(checkout, ".local", "env")
	_ = os.Remove(env)
	stack := exec.CommandContext(ctx, "make", "run")
	stack.Dir = checkout
	stack.Env = append(os.Environ(), "PORT=0", "DATA_DIR="+folder)
	stack.Stdout, stack.Stderr = os.Stderr, os.Stderr
	stack.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the signal must reach make's children too
	if err := stack.Start(); err != nil {
		return nil, err
	}
	defer func() {
		_ = syscall.Kill(-stack.Process.Pid, syscall.SIGINT)
		_ = stack.Wait() // make reports an interruption as a failure
	}()
	admin, err := started(ctx, env)
	if err != nil {
		return nil, err
	}
	return upgrade.Make(ctx, admin)
}

var variable = regexp.MustCompile(`(?m)^export (KEYWARD_URL|KEYWARD_API_KEY)='(.*)'$`)

// started waits for the file that a stack writes when it is ready.
func started(ctx context.Context, env string) (client.Client, error) {
	for {
		text, err := os.ReadFile(env)
		if err == nil {
			values := map[string]string{}
			for _, match := range variable.FindAllStringSubmatch(string(text), -1) {
				values[match[1]] = match[2]
			}
			return client.New(values["KEYWARD_URL"], values["KEYWARD_API_KEY"]), nil
		}
		select {
		case <-ctx.Done():
			return client.Client{}, errors.New("the stack did not start")
		case <-time.After(100 * time.Millisecond):
		}
	}
}
