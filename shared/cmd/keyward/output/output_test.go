package output

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type thing struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

var columns = []Column[thing]{{"name", func(t thing) string { return t.Name }}, {"state", func(t thing) string { return t.State }}}

func of(things ...thing) iter.Seq2[thing, error] {
	return func(yield func(thing, error) bool) {
		for _, t := range things {
			if !yield(t, nil) {
				return
			}
		}
	}
}

func printed(t *testing.T, format Format, color bool, items iter.Seq2[thing, error]) string {
	t.Helper()
	var out, told bytes.Buffer
	if err := List(&Printer{Out: &out, Err: &told, Format: format, Color: color}, columns, items); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Each format prints every item, and no characters that steer.
func TestFormats(t *testing.T) {
	items := of(thing{"a\x1b[31m", "active"}, thing{"=1+1\n\u202e", "disabled"})
	for format, want := range map[Format]string{
		Table: "NAME            STATE\na\\x1b[31m       active\n=1+1\\n\\u202e    disabled\n",
		CSV:   "name,state\na\\x1b[31m,active\n'=1+1\\n\\u202e,disabled\n",
		Text:  "a\\x1b[31m\tactive\n=1+1\\n\\u202e\tdisabled\n",
	} {
		if got := printed(t, format, false, items); strings.ReplaceAll(got, "  ", "") != strings.ReplaceAll(want, "  ", "") {
			t.Errorf("%s: got\n%s\nwant\n%s", format, got, want)
		}
	}
	text := printed(t, JSON, false, items)
	var back []thing
	if err := json.Unmarshal([]byte(text), &back); err != nil || len(back) != 2 || back[1].Name != "=1+1\n\u202e" || strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("%v: %s", err, text)
	}
	if got := printed(t, JSON, false, of()); got != "[]\n" {
		t.Errorf("nothing is %q", got)
	}
}

// Only a printer with colors prints any, and then they change no column's place.
func TestColors(t *testing.T) {
	items := of(thing{"a", "active"}, thing{"b", "unknown"})
	plain, colored := printed(t, Table, false, items), printed(t, Table, true, items)
	if strings.Contains(plain, "\x1b") || !strings.Contains(colored, "\x1b[32mactive\x1b[0m") {
		t.Errorf("%q and %q", plain, colored)
	}
	without := colored
	for _, code := range []string{"\x1b[1m", "\x1b[32m", "\x1b[0m"} {
		without = strings.ReplaceAll(without, code, "")
	}
	if without != plain {
		t.Errorf("%q and %q", without, plain)
	}
	t.Setenv("NO_COLOR", "1")
	if New(&bytes.Buffer{}, &bytes.Buffer{}).Color {
		t.Error("colors in spite of NO_COLOR")
	}
}

// What came before a fault is printed, and the fault is told.
func TestFault(t *testing.T) {
	fault := errors.New("broken")
	for _, format := range []Format{Table, CSV, Text, JSON} {
		var out, told bytes.Buffer
		err := List(&Printer{Out: &out, Err: &told, Format: format}, columns, func(yield func(thing, error) bool) {
			_ = yield(thing{"a", "active"}, nil) && yield(thing{}, fault)
		})
		if !errors.Is(err, fault) || !strings.Contains(out.String(), "active") {
			t.Errorf("%s: %v, %q", format, err, out.String())
		}
	}
}

// Nothing is reported before two seconds, then a line, and none if quiet.
func TestProgress(t *testing.T) {
	for _, c := range []struct {
		lasts time.Duration
		quiet bool
		want  string
	}{{1999 * time.Millisecond, false, ""}, {3 * time.Second, false, "half\n"}, {13 * time.Second, false, "half\nhalf\n"}, {time.Minute, true, ""}} {
		synctest.Test(t, func(t *testing.T) {
			var told bytes.Buffer
			stop := (&Printer{Err: &told, Quiet: c.quiet}).Progress(func() string { return "half" })
			time.Sleep(c.lasts)
			stop()
			if told.String() != c.want {
				t.Errorf("after %s: %q", c.lasts, told.String())
			}
		})
	}
}

// A CSV reads back as it is meant, and whatever separates cells in a spreadsheet, no
// cell begins with what a formula does.
func TestNoFormula(t *testing.T) {
	for _, name := range []string{"=1+1", " =1+1", "\uff1d1+1", "x;=1+1", "x|=1+1", `a"b`, `";=1+1;"`, `",=1+1,"`, "CI, uploads", "plain"} {
		text := printed(t, CSV, false, of(thing{name, "active"}))
		back, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(back) != 2 || len(back[1]) != 2 || strings.TrimPrefix(back[1][0], "'") != name {
			t.Errorf("%q: %v %q", name, err, back)
		}
		for _, comma := range []rune{',', ';', '|', '\t'} {
			r := csv.NewReader(strings.NewReader(text))
			r.Comma, r.FieldsPerRecord, r.LazyQuotes = comma, -1, true
			all, err := r.ReadAll()
			for _, row := range all {
				for _, cell := range row {
					if begin := strings.TrimSpace(cell); begin != "" && strings.ContainsAny(string([]rune(begin)[:1]), formulas) {
						t.Errorf("%q with %q: %q, %v", name, comma, cell, err)
					}
				}
			}
		}
	}
}
