package command

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/cmd/keyward/scan"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/uuid"
)

// leak is a finding as it is printed: never with the key's text.
type leak struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Commit string `json:"commit,omitempty"`
	Key    string `json:"key"`
	KeyID  string `json:"keyId"`
	State  string `json:"state,omitempty"`
}

func (l leak) line() string {
	if l.Line == 0 {
		return ""
	}
	return strconv.Itoa(l.Line)
}

type scanning struct {
	*program
	scanner  scan.Scanner
	verify   bool
	except   []string
	pending  []pendingLeak
	found    int
	unread   int
	keyward  *client.Client
	answered map[uuid.UUID]string
}

type pendingLeak struct {
	leak
	key keytext.Key
}

func (p *program) scanCommand() *cobra.Command {
	s := &scanning{program: p, answered: map[uuid.UUID]string{}}
	c := &cobra.Command{
		Use:   "scan PATH...",
		Short: "Find keys in files and in Git's history, offline",
		Long: `Find keys in files and in Git's history, by their form and checksum, offline.

A folder is searched with all its files; of a Git repository, the files that it
does not ignore, everything that was ever committed or is staged, the messages of
commits and tags, the reflogs, and the names of branches and tags. "-" is the
standard input.
Keys are printed in their redacted form only. Compressed and encoded content
(archives, Base64) is not unpacked.

Exit code 1: a key was found. 5: none was found, but something could not be read.`,
		Example: `  keyward scan .
  keyward scan --prefix acme --verify .
  git diff --cached | keyward scan -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return failure.Usagef("pass the files and folders to search, such as keyward scan . for this folder")
			}
			return nil
		},
	}
	flags := c.Flags()
	flags.StringSliceVar(&s.scanner.Prefixes, "prefix", nil, "only keys of these prefixes (default the profile's, or all)")
	flags.StringSliceVar(&s.except, "except", nil, "ids of keys that may stand there, such as those of examples")
	flags.BoolVar(&s.scanner.NoHistory, "no-history", false, "search only the files on disk")
	flags.BoolVar(&s.scanner.Ignored, "ignored", false, "search the files that Git ignores, too")
	flags.BoolVar(&s.verify, "verify", false, "ask Keyward which of the keys live (needs VerifyApiKeys)")
	c.RunE = run(func(ctx context.Context, paths []string) error {
		return s.all(ctx, paths, !c.Flags().Changed("prefix"), c.Flags().Changed("output"))
	})
	return c
}

// all searches the paths, and prints each finding at once.
func (s *scanning) all(ctx context.Context, paths []string, anyPrefix, formatted bool) error {
	if err := s.prepare(anyPrefix, formatted); err != nil {
		return err
	}
	stop := s.printer.Progress(func() string {
		return fmt.Sprintf("searched %d files and %d commits, %d MB", s.scanner.Files.Load(), s.scanner.Commits.Load(), s.scanner.Bytes.Load()>>20)
	})
	defer stop()
	failed := error(nil)
	printed := output.List(s.printer, s.columns(), func(yield func(leak, error) bool) {
		failed = s.search(ctx, paths, yield)
	})
	stop()
	if printed != nil {
		return printed
	}
	return s.verdict(ctx, failed)
}

func (s *scanning) prepare(anyPrefix, formatted bool) error {
	if !formatted {
		s.printer.Format = output.Text
	}
	if anyPrefix {
		s.scanner.Prefixes = nil
		if _, _, chosen, err := s.profile(); err == nil && chosen.Prefix != "" {
			s.scanner.Prefixes = []string{chosen.Prefix}
		}
	}
	for _, id := range s.except {
		if _, err := uuid.Parse(id); err != nil {
			return failure.Usagef("--except takes the ids of keys, such as --output csv prints them")
		}
	}
	for _, prefix := range s.scanner.Prefixes {
		if !keytext.ValidPrefix(prefix) {
			return failure.Usagef("%q is not a prefix of keys: it has 2 to 16 characters of a-z and 0-9, begins with a letter, and may contain one underscore, but not as the last character", prefix)
		}
	}
	s.scanner.Stdin = s.terminal.In
	s.scanner.Noticed = func(note string) { s.printer.Notef("keyward: %s", note) }
	s.scanner.Unreadable = func(path string, err error) {
		s.unread++
		_, _ = fmt.Fprintln(s.printer.Err, "keyward: "+output.Safe(path)+": "+output.Safe(err.Error()))
	}
	if !s.verify {
		return nil
	}
	var err error
	s.keyward, err = s.client()
	return err
}

// search yields each finding. To verify them it waits until there are enough for a
// request.
func (s *scanning) search(ctx context.Context, paths []string, yield func(leak, error) bool) error {
	s.scanner.Found = func(f scan.Finding) error {
		if slices.Contains(s.except, f.Key.ID().String()) {
			return nil
		}
		s.found++
		at := pendingLeak{leak{File: f.File, Line: f.Line, Commit: f.Commit, Key: f.Key.Redacted(), KeyID: f.Key.ID().String()}, f.Key}
		s.pending = append(s.pending, at)
		if s.verify && len(s.pending) < client.MaxKeys {
			return nil
		}
		return s.flush(ctx, yield)
	}
	for _, path := range paths {
		if err := s.scanner.Scan(ctx, path); err != nil {
			return err
		}
	}
	return s.flush(ctx, yield)
}

// errStopped ends a search whose result nobody reads any more.
var errStopped = failure.Outagef("the result cannot be written")

// flush yields what is pending. If Keyward cannot be asked, it does so without the
// answers, and returns why.
func (s *scanning) flush(ctx context.Context, yield func(leak, error) bool) error {
	var failed error
	if s.verify && len(s.pending) > 0 {
		failed = s.ask(ctx)
	}
	for _, found := range s.pending {
		found.State = s.answered[found.key.ID()]
		if !yield(found.leak, nil) {
			return errStopped
		}
	}
	s.pending = s.pending[:0]
	return failed
}

func (s *scanning) ask(ctx context.Context) error {
	var ids []uuid.UUID
	var keys []client.Secret
	for _, found := range s.pending {
		if _, known := s.answered[found.key.ID()]; !known {
			s.answered[found.key.ID()] = "unverified"
			ids, keys = append(ids, found.key.ID()), append(keys, client.NewSecret(found.key.Reveal()))
		}
	}
	if len(keys) == 0 {
		return nil
	}
	answers, err := s.keyward.VerifyAll(ctx, keys, client.Question{})
	for i, answer := range answers {
		s.answered[ids[i]] = "LIVE"
		if !answer.Valid {
			s.answered[ids[i]] = answer.Code
		}
	}
	return err
}

// verdict returns the error whose code is the result.
func (s *scanning) verdict(ctx context.Context, failed error) error {
	if failed != nil {
		return failed
	}
	s.printer.Notef("keyward: %d found in %d files and %d commits", s.found, s.scanner.Files.Load(), s.scanner.Commits.Load())
	if s.unread > 0 {
		_, _ = fmt.Fprintf(s.printer.Err, "keyward: %d could not be searched\n", s.unread)
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case s.found > 0:
		return failure.Silent(failure.Refused)
	case s.unread > 0:
		return failure.Silent(failure.Outage)
	}
	return nil
}

func (s *scanning) columns() []output.Column[leak] {
	if s.printer.Format == output.Text {
		return s.textColumns()
	}
	columns := []output.Column[leak]{
		{Name: "file", Value: func(l leak) string { return l.File }},
		{Name: "line", Value: leak.line},
		{Name: "commit", Value: func(l leak) string { return l.Commit }},
		{Name: "key", Value: func(l leak) string { return l.Key }},
		{Name: "keyId", Value: func(l leak) string { return l.KeyID }},
	}
	if s.verify {
		columns = append(columns, output.Column[leak]{Name: "state", Value: func(l leak) string { return l.State }})
	}
	return columns
}

// textColumns returns the columns of one text that editors and people read: file:line: key.
func (s *scanning) textColumns() []output.Column[leak] {
	return []output.Column[leak]{{Name: "found", Value: func(l leak) string {
		text := l.File
		if l.Line > 0 {
			text += ":" + l.line()
		}
		text += ": " + l.Key
		if l.Commit != "" {
			text += " in " + l.Commit
		}
		if l.State != "" {
			text += " " + l.State
		}
		return text
	}}}
}
