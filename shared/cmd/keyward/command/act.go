package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
)

type items[T any] = iter.Seq2[T, error]

// listing returns all resources of one kind.
type listing[T any] = func(context.Context, *client.Client) items[T]

// listCommand returns a command that lists all resources of one kind.
func listCommand[T any](p *program, short string, columns []output.Column[T], all listing[T]) *cobra.Command {
	var limit int
	c := &cobra.Command{Use: "list", Short: short, Args: cobra.NoArgs, RunE: run(func(ctx context.Context, _ []string) error {
		return list(ctx, p, columns, limit, func(c *client.Client) items[T] { return all(ctx, c) })
	})}
	c.Flags().IntVar(&limit, "limit", 0, "print at most so many (default all)")
	return c
}

// list prints what Keyward lists.
func list[T any](ctx context.Context, p *program, columns []output.Column[T], limit int, all func(*client.Client) items[T]) error {
	if limit < 0 {
		return failure.Usagef("--limit is at least 1, or 0 for all")
	}
	c, err := p.client()
	if err != nil {
		return err
	}
	read := 0
	stop := p.printer.Progress(func() string { return "read " + number(read) })
	defer stop()
	counted := func(yield func(T, error) bool) {
		for item, err := range first(limit, all(c)) {
			read++
			if !yield(item, err) {
				return
			}
		}
		if p.printer.Format == output.Table {
			stop() // the table is printed next
		}
	}
	return output.List(p.printer, columns, classified(ctx, counted))
}

// show prints one answer of Keyward.
func show[T any](p *program, columns []output.Column[T], ask func(*client.Client) (*T, error)) error {
	c, err := p.client()
	if err != nil {
		return err
	}
	stop := p.printer.Progress(func() string { return "waiting for Keyward" })
	defer stop()
	answer, err := ask(c)
	stop()
	if err != nil {
		return err
	}
	return output.One(p.printer, columns, *answer)
}

// change does what has no answer, after a question unless that is empty.
func (p *program) change(_ context.Context, question, done string, act func(*client.Client) error) error {
	if question != "" {
		if err := p.terminal.Confirm(p.yes, question); err != nil {
			return err
		}
	}
	c, err := p.client()
	if err != nil {
		return err
	}
	stop := p.printer.Progress(func() string { return "waiting for Keyward" })
	defer stop()
	if err := act(c); err != nil {
		return err
	}
	stop()
	p.printer.Notef("%s", done)
	return nil
}

// set sets a text of a named type, unless it is empty.
func set[T ~string](to *T, text string) {
	if text != "" {
		*to = T(text)
	}
}

type timeFlag struct {
	text string
	into *time.Time
}

// times reads the flags that are times, and were given.
func times(flags map[string]timeFlag) error {
	for _, name := range sortedNames(flags) {
		if flags[name].text == "" {
			continue
		}
		var err error
		if *flags[name].into, err = parseTime(name, flags[name].text, time.Now()); err != nil {
			return err
		}
	}
	return nil
}

func sortedNames[T any](of map[string]T) []string { return slices.Sorted(maps.Keys(of)) }

func names[T any](of map[string]T) string { return strings.Join(sortedNames(of), ", ") }

// maxInput is more than any body that Keyward accepts.
const maxInput = 1 << 20

// readJSON reads a file, or the standard input, as JSON of the form of into.
func (p *program) readJSON(file string, into any) error {
	from := p.terminal.In
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return failure.Usagef("the file cannot be read: %v", err)
		}
		defer func() { _ = opened.Close() }()
		from = opened
	}
	text, err := io.ReadAll(io.LimitReader(from, maxInput))
	if err != nil {
		return failure.Usagef("the file cannot be read: %v", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return failure.Usagef("the file is not the JSON that is expected: %v", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return failure.Usagef("the file has more than one JSON value")
	}
	return nil
}
