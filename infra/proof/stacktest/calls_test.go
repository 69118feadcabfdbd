package stacktest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/iam"
)

// An unrecorded call is a fault that names it. If all tests ran, a recorded call
// that was not made is one too.
func TestCompare(t *testing.T) {
	get := iam.Call{Function: "f", Request: iam.Request{Action: "dynamodb:GetItem", Resource: "table"}}
	put := iam.Call{Function: "f", Request: iam.Request{Action: "dynamodb:PutItem", Resource: "table"}}
	file := filepath.Join(t.TempDir(), "calls.json")
	if err := iam.WriteCalls(file, []iam.Call{get}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		made  []iam.Call
		all   bool
		fault string
	}{
		{[]iam.Call{get}, true, ""},
		{nil, false, ""},
		{nil, true, "made no more: {Function:f Request:{Action:dynamodb:GetItem"},
		{[]iam.Call{get, put}, false, "not recorded: {Function:f Request:{Action:dynamodb:PutItem"},
	} {
		err := compare(c.made, file, c.all)
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%v, all %v: %v, want %q", c.made, c.all, err, c.fault)
		}
	}
	if err := compare(nil, file+"x", false); err == nil {
		t.Error("a recording that is not there is none")
	}
}

// A recording has the calls of all tests: it is not written if some were left out.
func TestRecordingIsWhole(t *testing.T) {
	get := iam.Call{Function: "f", Request: iam.Request{Action: "dynamodb:GetItem", Resource: "table"}}
	file := filepath.Join(t.TempDir(), "calls.json")
	if err := check([]iam.Call{get}, file, true, false, true); err != nil {
		t.Fatal(err)
	}
	if err := check(nil, file, true, true, true); err == nil || !strings.Contains(err.Error(), "leave out -run and -skip") {
		t.Errorf("it says %v", err)
	}
	if recorded, err := iam.ReadCalls(file); err != nil || len(recorded) != 1 {
		t.Errorf("%v, %v are left", recorded, err)
	}
}
