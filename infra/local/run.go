package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/stack"
)

// run starts a stack and keeps it until ctx ends, which is success.
func (c command) run(ctx context.Context) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	if err := c.checkAlone(ctx); err != nil {
		return err
	}
	log, err := openLog(filepath.Join(c.local, "functions.log"), c.stderr)
	if err != nil {
		return err
	}
	defer log.close()
	options.Log = log.line
	s, err := stack.Start(ctx, options)
	if ctx.Err() != nil && err != nil {
		return nil // interrupted while it started
	}
	if err != nil {
		return err
	}
	defer s.Stop()
	env := newEnvFile(filepath.Join(c.local, "env"), s)
	if err := env.write(); err != nil {
		return err
	}
	defer env.remove()
	_, _ = fmt.Fprintf(c.stdout, welcome, s.URL, s.AdminKey, env.path, log.path, strings.Join(demo.Routes(), ", "))
	_, _ = fmt.Fprintf(c.stdout, session, env.path)
	ctx, stop := context.WithCancel(ctx)
	var schedules sync.WaitGroup
	schedules.Go(func() { s.RunSchedules(ctx) })
	defer schedules.Wait()
	defer stop()
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(c.stdout, "\nkeyward: stopping")
		return nil
	case <-s.DynamoDBEnded():
		return errors.New("DynamoDB Local has ended: start again")
	}
}

// checkAlone refuses to run where another run has its files: this one would
// overwrite its log and its env file.
func (c command) checkAlone(ctx context.Context) error {
	env := filepath.Join(c.local, "env")
	other := clientOf(readEnv(env))
	if other.url == "" || other.answers(ctx) != nil {
		return nil
	}
	return fmt.Errorf("another run of this clone answers at %s: use it (source %s), or end it first", other.url, env)
}

const welcome = `
Keyward runs. Ctrl-C ends it.

  URL        %s
  admin key  %s
  variables  source %s
  logs       %s
  demo       %s

Try, in another terminal:

`

// session is commands that can be pasted one after the other. The key is in the env
// file, and so in no shell's history.
const session = `source %s
created=$(curl -s -u $KEYWARD_API_KEY: -H 'Content-Type: application/json' -d '{"name":"Uploader","permissions":["ManageFiles"]}' $KEYWARD_URL/v1/apikeys); echo "$created"
curl -s -u "$(expr "$created" : '.*"apiKey":"\([^"]*\)"'):" -F 'file=hello;filename=hello.txt' $KEYWARD_URL/v1/files; echo
curl -s -u $KEYWARD_API_KEY: $KEYWARD_URL/v1/apikeys; echo
curl -s -u $KEYWARD_API_KEY: -X DELETE -w '%%{http_code}\n' $KEYWARD_URL/v1/apikeys/"$(expr "$created" : '.*"id":"\([^"]*\)"')"

`

// makeFolder makes the folder of a file that is to be written.
func makeFolder(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	return nil
}
