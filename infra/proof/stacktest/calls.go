package stacktest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/iam"
)

// recordVariable, if set, makes tests write the recording instead of comparing
// with it.
const recordVariable = "KEYWARD_RECORD"

// Run runs a test program's tests. It fails the program if a function makes a
// kind of AWS call that is not in the recording, which proves the roles. [MainOfAll]
// also checks that the recording is complete.
func (s *Stack) Run(m *testing.M) int { return s.run(m, false) }

// run with all set also fails the program if a recorded call was not made,
// unless some tests were left out. If told to, it writes the recording instead.
func (s *Stack) run(m *testing.M, all bool) int {
	code := m.Run()
	if code != 0 {
		return code
	}
	some := flag.Lookup("test.run").Value.String() != "" || flag.Lookup("test.skip").Value.String() != ""
	if err := check(s.Calls(), filepath.Join(s.root, "infra", "iam", "testdata", "calls.json"), all, some, os.Getenv(recordVariable) != ""); err != nil {
		return failed(err)
	}
	return 0
}

// check compares the calls with a recording or, if told to, writes it. some is
// whether tests were left out: their calls would be missing in a recording.
func check(made []iam.Call, file string, all, some, record bool) error {
	switch {
	case all && record && some:
		return fmt.Errorf("%s needs the calls of all tests: leave out -run and -skip", recordVariable)
	case all && record:
		return iam.WriteCalls(file, made)
	}
	return compare(made, file, all && !some)
}

func compare(made []iam.Call, file string, all bool) error {
	recorded, err := iam.ReadCalls(file)
	if err != nil {
		return err
	}
	var faults []string
	for _, call := range iam.Less(made, recorded) {
		faults = append(faults, fmt.Sprintf("\na call that is not recorded: %+v", call))
	}
	for _, call := range iam.Less(recorded, made) {
		if all {
			faults = append(faults, fmt.Sprintf("\na recorded call that is made no more: %+v", call))
		}
	}
	if faults == nil {
		return nil
	}
	return fmt.Errorf("the functions' calls of AWS are not those of %s:%s\nif that is meant: %s=1 go test ./infra/proof/e2e",
		file, strings.Join(faults, ""), recordVariable)
}
