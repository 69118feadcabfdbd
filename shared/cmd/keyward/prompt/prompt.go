// Package prompt asks the user: for a secret, without showing it, and whether to
// go on.
package prompt

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
	"github.com/keyward/keyward/shared/cmd/keyward/output"
	"github.com/keyward/keyward/shared/keytext"
)

// Terminal is where the user is, if there is one: the standard input and the
// standard error.
type Terminal struct {
	In  io.Reader
	Err io.Writer
	// Interrupted ends a question that waits for its answer; nil never does.
	Interrupted <-chan struct{}
}

// Here reports whether a user can be asked.
func (t Terminal) Here() bool { return output.IsTerminal(t.In) }

// Key reads one key: from a terminal by a question, and without showing it;
// otherwise from the standard input.
func (t Terminal) Key(question string) (string, error) {
	texts, err := t.Keys(question, 1)
	if err != nil {
		return "", err
	}
	return texts[0], nil
}

// Keys is like [Terminal.Key], but takes a key in each line of the standard input,
// up to limit.
func (t Terminal) Keys(question string, limit int) ([]string, error) {
	if t.Here() {
		text, err := t.secret(question)
		if err != nil {
			return nil, err
		}
		return []string{text}, check(text)
	}
	var keys []string
	lines := bufio.NewScanner(t.In)
	lines.Buffer(make([]byte, 0, 4096), 64<<10)
	for lines.Scan() {
		if lines.Text() == "" && len(keys) > 0 {
			continue
		}
		if err := check(lines.Text()); err != nil {
			return nil, err
		}
		if keys = append(keys, lines.Text()); len(keys) > limit {
			return nil, failure.Usagef("the input has more than %d keys, one a line", limit)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, failure.Usagef("the input is not the text of a key")
	}
	if len(keys) == 0 {
		return nil, failure.Usagef("there is no key in the input: pass it by a pipe or a file, or run this in a terminal to be asked")
	}
	return keys, nil
}

func (t Terminal) secret(question string) (string, error) {
	_, _ = fmt.Fprint(t.Err, question+": ")
	defer func() { _, _ = fmt.Fprintln(t.Err) }()
	terminal := int(t.In.(*os.File).Fd())
	before, err := term.GetState(terminal)
	if err != nil {
		return "", failure.Usagef("the answer cannot be read (%v)", err)
	}
	answer, err := t.answer(func() (string, error) {
		text, err := term.ReadPassword(terminal)
		return string(text), err
	})
	if err != nil {
		_ = term.Restore(terminal, before) // what is typed shows again
	}
	return answer, err
}

// Line asks for a line.
func (t Terminal) Line(question string) (string, error) {
	_, _ = fmt.Fprint(t.Err, output.Safe(question)+" ")
	return t.answer(func() (string, error) {
		line, err := bufio.NewReader(t.In).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return strings.TrimSpace(line), err
	})
}

// answer waits for an answer, or until the user interrupts.
func (t Terminal) answer(read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	results := make(chan result, 1)
	go func() {
		text, err := read()
		results <- result{text, err}
	}()
	select {
	case r := <-results:
		if r.err != nil {
			return "", failure.Usagef("the answer cannot be read (%v)", r.err)
		}
		return r.text, nil
	case <-t.Interrupted:
		return "", failure.Silent(failure.Interrupted)
	}
}

// check returns an error that says what is wrong with the form of a key, without its
// text.
func check(text string) error {
	if text == "" {
		return failure.Usagef("the key is empty")
	}
	if strings.IndexFunc(text, func(c rune) bool { return unicode.IsSpace(c) || unicode.IsControl(c) }) >= 0 {
		return failure.Usagef("the key has a space or a control character in it: copy it again, and nothing else")
	}
	if _, err := keytext.Parse(text); err != nil {
		return failure.Usagef("this is not a whole key: it is PREFIX_ and 66 letters and digits, and its checksum must fit; copy it again")
	}
	return nil
}

// Confirm asks whether to do what the question says; yes answers it already. If
// nobody can be asked, it is an error.
func (t Terminal) Confirm(yes bool, question string) error {
	switch {
	case yes:
		return nil
	case !t.Here():
		return failure.Usagef("this asks before it goes on, and there is no terminal: pass --yes")
	}
	answer, err := t.Line(question + " [y/N]")
	if err != nil {
		return err
	}
	if a := strings.ToLower(answer); a != "y" && a != "yes" {
		return failure.Refusedf("not done")
	}
	return nil
}
