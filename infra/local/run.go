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

// run starts a stack and keeps it running until ctx ends, which is success.
func (c command) run(ctx context.Context) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	lock, err := c.claim()
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	log, err := openLog(filepath.Join(c.local, "functions.log"), c.stderr)
	if err != nil {
		return err
	}
	defer log.close()
	options.Log = log.line
	s, err := stack.Start(ctx, options)
	if ctx.Err() != nil && err != nil {
		return nil // interrupted during the start
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
	_, _ = fmt.Fprintf(c.stdout, welcome, s.URL, s.AdminKey, s.URL, env.path, log.path, s.EventsURL(), strings.Join(demo.Routes(), ", "))
	_, _ = fmt.Fprintf(c.stdout, session, env.path)
	ctx, stop := context.WithCancel(ctx)
	var schedules sync.WaitGroup
	schedules.Go(func() { s.RunSchedules(ctx) })
	defer schedules.Wait()
	defer stop()
	return c.watch(ctx, s, options.DataDir)
}

// watch returns when ctx ends, which is success, or when DynamoDB Local does. If
// the data is stored on disk, it restarts DynamoDB Local once; a second end is
// final.
func (c command) watch(ctx context.Context, s *stack.Stack, dataDir string) error {
	for restarts := 0; ; restarts++ {
		select {
		case <-ctx.Done():
			_, _ = fmt.Fprintln(c.stdout, "\nkeyward: stopping")
			return nil
		case <-s.DynamoDBEnded():
		}
		if dataDir == "" || restarts > 0 {
			return errors.New("DynamoDB Local has ended: start again")
		}
		_, _ = fmt.Fprintf(c.stdout, "keyward: DynamoDB Local has ended; starting it again, once, with the data in %s\n", dataDir)
		switch err := s.StartDynamoDB(ctx); {
		case err != nil && ctx.Err() != nil:
			return nil // interrupted meanwhile
		case err != nil:
			return err
		}
		_, _ = fmt.Fprintln(c.stdout, "keyward: DynamoDB Local answers again")
	}
}

// claim locks the folder of a run's files. It fails if another run uses the
// folder, because this run would overwrite its log and its env file.
func (c command) claim() (*os.File, error) {
	lock, err := stack.Lock(c.local)
	if !errors.Is(err, stack.ErrLocked) {
		return lock, err
	}
	env := filepath.Join(c.local, "env")
	url := readEnv(env)[envURL]
	if url == "" {
		return nil, errors.New("another run of this clone is starting or ending: wait for it, or end it first")
	}
	return nil, fmt.Errorf("another run of this clone is at %s: use it (source %s), or end it first", url, env)
}

const welcome = `
Keyward runs. Ctrl-C ends it.

  URL        %s
  admin key  %s
  console    %s/console (sign in with the admin key)
  variables  source %s
  logs       %s
  events     %s
  demo       %s

Try, in another terminal:

`

// session lists commands to paste one after the other. The key stays in the env
// file, and so out of the shell's history.
const session = `source %s
created=$(curl -s -u $KEYWARD_API_KEY: -H 'Content-Type: application/json' -d '{"name":"First","permissions":["ManageFiles"]}' $KEYWARD_URL/v1/apikeys); echo "$created"
curl -s -u "$(expr "$created" : '.*"apiKey":"\([^"]*\)"'):" -F 'file=hello;filename=hello.txt' $KEYWARD_URL/v1/files; echo
curl -s -u $KEYWARD_API_KEY: $KEYWARD_URL/v1/apikeys; echo
curl -s -u $KEYWARD_API_KEY: -X DELETE -w '%%{http_code}\n' $KEYWARD_URL/v1/apikeys/"$(expr "$created" : '.*"id":"\([^"]*\)"')"

`

// makeFolder creates the folder of a file that is about to be written.
func makeFolder(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	return nil
}
