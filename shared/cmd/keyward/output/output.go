// Package output prints what the command line has to say: tables for people, and
// JSON, CSV or plain text for programs. No format passes on characters that would
// steer a terminal or a spreadsheet.
package output

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// Format is how results are printed.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	CSV   Format = "csv"
	Text  Format = "text"
)

// Formats are all formats.
var Formats = []string{string(Table), string(JSON), string(CSV), string(Text)}

// String returns the format's name.
func (f *Format) String() string { return string(*f) }

// Type returns what help texts call a format.
func (f *Format) Type() string { return strings.Join(Formats, "|") }

// Set reads a format's name.
func (f *Format) Set(name string) error {
	for _, known := range Formats {
		if name == known {
			*f = Format(name)
			return nil
		}
	}
	return failure.Usagef("is one of %s", strings.Join(Formats, ", "))
}

// Printer prints results to Out, and everything else to Err.
type Printer struct {
	Out, Err io.Writer
	Format   Format
	// Quiet leaves out notes and progress.
	Quiet bool
	// Color says that tables may have colors, and Live that Err is a terminal, in
	// which a line can be written again.
	Color, Live bool
}

// New returns a printer of tables. Colors are only for a terminal that knows them,
// and never if NO_COLOR is set.
func New(out, err io.Writer) *Printer {
	color := IsTerminal(out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if runtime.GOOS == "windows" && os.Getenv("WT_SESSION") == "" {
		color = false // the older console shows colors as characters
	}
	return &Printer{Out: out, Err: err, Format: Table, Color: color, Live: IsTerminal(err) && os.Getenv("TERM") != "dumb"}
}

// IsTerminal reports whether a reader or writer is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Notef prints a line for people to Err.
func (p *Printer) Notef(format string, values ...any) {
	if !p.Quiet {
		_, _ = fmt.Fprintln(p.Err, Safe(fmt.Sprintf(format, values...)))
	}
}

// Column is one value of each item.
type Column[T any] struct {
	Name  string
	Value func(T) string
}

// List prints items as they come; a table is printed when all are there, so that
// its columns fit. After an error of items it prints what it has and returns the
// error.
func List[T any](p *Printer, columns []Column[T], items iter.Seq2[T, error]) error {
	switch p.Format {
	case JSON:
		return listJSON(p, items)
	case CSV:
		return listCSV(p, columns, items)
	case Text:
		return listText(p, columns, items)
	}
	header := row{}
	for _, c := range columns {
		header = append(header, strings.ToUpper(c.Name))
	}
	rows, failed := []row{header}, error(nil)
	for item, err := range items {
		if failed = err; err != nil {
			break
		}
		rows = append(rows, cells(columns, item))
	}
	if len(rows) == 1 {
		if failed == nil {
			p.Notef("There are none.")
		}
		return failed
	}
	return cmp.Or(p.table(rows, true), failed)
}

// One prints one item: in a table, a line for each value that is not empty.
func One[T any](p *Printer, columns []Column[T], item T) error {
	switch p.Format {
	case JSON:
		return p.JSON(item)
	case CSV, Text:
		return List(p, columns, func(yield func(T, error) bool) { yield(item, nil) })
	}
	var rows []row
	for _, c := range columns {
		if value := c.Value(item); value != "" {
			rows = append(rows, row{c.Name, Safe(value)})
		}
	}
	return p.table(rows, false)
}

// JSON prints a value as JSON, indented.
func (p *Printer) JSON(value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	_, err = p.Out.Write(append(harmless(text), '\n'))
	return err
}

// Line prints a text of our own as a line.
func (p *Printer) Line(text string) error {
	_, err := fmt.Fprintln(p.Out, text)
	return err
}

func listJSON[T any](p *Printer, items iter.Seq2[T, error]) error {
	start := "["
	for item, err := range items {
		if err != nil {
			return err
		}
		text, err := json.MarshalIndent(item, "  ", "  ")
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(p.Out, "%s\n  %s", start, harmless(text)); err != nil {
			return err
		}
		start = ","
	}
	if start == "[" {
		return p.Line("[]")
	}
	return p.Line("\n]")
}

func listCSV[T any](p *Printer, columns []Column[T], items iter.Seq2[T, error]) error {
	header := row{}
	for _, c := range columns {
		header = append(header, c.Name)
	}
	if err := p.Line(strings.Join(header, ",")); err != nil {
		return err
	}
	for item, err := range items {
		if err != nil {
			return err
		}
		values := cells(columns, item)
		for i := range values {
			values[i] = quoted(literal(values[i]))
		}
		if err := p.Line(strings.Join(values, ",")); err != nil {
			return err
		}
	}
	return nil
}

func listText[T any](p *Printer, columns []Column[T], items iter.Seq2[T, error]) error {
	for item, err := range items {
		if err != nil {
			return err
		}
		if err := p.Line(strings.Join(cells(columns, item), "\t")); err != nil {
			return err
		}
	}
	return nil
}

type row = []string

func cells[T any](columns []Column[T], item T) row {
	var values row
	for _, c := range columns {
		values = append(values, Safe(c.Value(item)))
	}
	return values
}

func (p *Printer) table(rows []row, header bool) error {
	var widths []int
	for _, values := range rows {
		for i, value := range values {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(value))
		}
	}
	var text strings.Builder
	for n, values := range rows {
		var line strings.Builder
		for i, value := range values {
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(value)+2)
			if i == len(values)-1 {
				padding = ""
			}
			line.WriteString(p.paint(value, header && n == 0 || !header && i == 0) + padding)
		}
		text.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	_, err := io.WriteString(p.Out, text.String())
	return err
}

// colors are for values that mean something good or bad.
var colors = map[string]string{
	"active": "32", "ok": "32", "LIVE": "31",
	"disabled": "33", "expired": "33", "notYet": "33", "warning": "33",
	"deleted": "31", "exposed": "31", "wrong": "31",
}

func (p *Printer) paint(value string, title bool) string {
	color, known := colors[value]
	switch {
	case !p.Color:
		return value
	case title:
		return "\x1b[1m" + value + "\x1b[0m"
	case known:
		return "\x1b[" + color + "m" + value + "\x1b[0m"
	}
	return value
}
