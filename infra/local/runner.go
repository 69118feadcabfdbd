package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/keyward/keyward/infra/local/client"
	"github.com/keyward/keyward/infra/local/lambda"
	"github.com/keyward/keyward/infra/local/match"
	"github.com/keyward/keyward/infra/local/stack"
)

// runner runs functions on events against one stack.
type runner struct {
	command
	runtime *lambda.Runtime
	admin   client.Client
}

// startRunner starts the runtime, which the caller must stop.
func (c command) startRunner(variables map[string]string) (*runner, error) {
	functions, err := stack.Functions(c.root, 0)
	if err != nil {
		return nil, err
	}
	runtime, err := stack.StartRuntime(functions, variables, func(_, line string) { _, _ = fmt.Fprintln(c.stderr, line) })
	if err != nil {
		return nil, err
	}
	return &runner{c, runtime, clientOf(variables)}, nil
}

// run fills in an event and runs a function on it. A failure of the function
// itself is also an answer, in Lambda's format.
func (r *runner) run(ctx context.Context, function, text string) (answer []byte, failed bool, err error) {
	event, made, err := fillPlaceholders(ctx, r.admin, text)
	defer r.remove(ctx, r.admin, made)
	if err != nil {
		return nil, false, err
	}
	answer, err = r.runtime.Invoke(ctx, function, []byte(event))
	failure, failed := errors.AsType[*lambda.FunctionError](err)
	if !failed {
		return answer, false, err
	}
	answer, err = json.Marshal(map[string]string{"errorType": failure.Type, "errorMessage": failure.Message})
	return answer, true, err
}

// checkAll checks every event of the events folder and prints a line for each.
func (r *runner) checkAll(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(r.root, "events", "*.json"))
	if err != nil || len(files) == 0 {
		return errors.New("there are no events")
	}
	var wrong []string
	for _, file := range files {
		if err := r.check(ctx, file); err != nil {
			wrong = append(wrong, eventName(file))
			_, _ = fmt.Fprintf(r.stdout, "WRONG %s: %s\n", eventName(file), oneLine(err))
			continue
		}
		_, _ = fmt.Fprintln(r.stdout, "ok    "+eventName(file))
	}
	if wrong != nil {
		return fmt.Errorf("%d of %d events are not answered as expected: %s", len(wrong), len(files), strings.Join(wrong, ", "))
	}
	return nil
}

// check runs one event of the events folder and compares its answer with the
// expected one.
func (r *runner) check(ctx context.Context, file string) error {
	expected, known := r.expected(file)
	if !known {
		return errors.New("there is no expected answer in events/answers: " + recordVariable + "=1 make invoke FN=" + functionOf(file) + " EVENT=events/" + filepath.Base(file) + " writes it")
	}
	text, err := readEvent(functionOf(file), file)
	if err != nil {
		return err
	}
	answer, _, err := r.run(ctx, functionOf(file), text)
	if err != nil {
		return err
	}
	return match.JSON(expected, answer)
}

// expected returns the expected answer to an event of the events folder, as a
// pattern for package match.
func (c command) expected(file string) (pattern []byte, known bool) {
	answer, ours := c.answerFile(file)
	if !ours {
		return nil, false
	}
	pattern, err := os.ReadFile(answer)
	return pattern, err == nil
}

// answerFile returns the file of the expected answer to an event; ours is false for
// an event outside the events folder, which has none.
func (c command) answerFile(event string) (file string, ours bool) {
	event, err := filepath.Abs(event)
	folder := filepath.Join(c.root, "events")
	return filepath.Join(folder, "answers", filepath.Base(event)), err == nil && filepath.Dir(event) == folder
}

// recordVariable, if set, makes invoke write the expected answer to an event that has
// none.
const recordVariable = "KEYWARD_RECORD"

// record writes an answer as the expected one.
func (c command) record(event string, answer []byte) error {
	file, ours := c.answerFile(event)
	if !ours {
		return errors.New("only the events of the folder events have recorded answers")
	}
	pattern, err := match.Record(answer)
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, pattern, 0o644); err != nil { //nolint:gosec // a document is for everyone
		return err
	}
	_, _ = fmt.Fprintln(c.stderr, "keyward: wrote "+file+": read it, and put a placeholder for what else differs from run to run")
	return nil
}

// compare returns an error if an answer is not the expected one.
func (c command) compare(expected, answer []byte) error {
	if err := match.JSON(expected, answer); err != nil {
		return fmt.Errorf("this is not the answer that events/answers expects: %s", oneLine(err))
	}
	_, _ = fmt.Fprintln(c.stderr, "keyward: this is the expected answer")
	return nil
}

// print prints an answer for people.
func (c command) print(answer []byte) {
	var pretty bytes.Buffer
	if json.Indent(&pretty, answer, "", "  ") != nil {
		pretty.Reset()
		pretty.Write(answer)
	}
	_, _ = fmt.Fprintln(c.stdout, pretty.String())
}
