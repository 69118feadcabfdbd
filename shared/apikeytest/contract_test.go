package apikeytest

import (
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// withFault names the fault that TestContract's store has.
const withFault = "KEYWARD_TEST_STORE_FAULT"

// The store in memory keeps the contract of every store.
func TestContract(t *testing.T) {
	maps.Copy(faults, ownerFaults)
	fault := faults[os.Getenv(withFault)]
	Contract(t, func(*testing.T) Subject {
		store := fault
		store.Store = NewStore()
		return store
	})
}

// The contract refuses a store for any one of many faults, so that to pass it
// means something.
func TestContractFindsFaults(t *testing.T) {
	maps.Copy(faults, ownerFaults)
	for fault := range faults {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestContract$")
			again.Env = append(os.Environ(), withFault+"="+fault)
			said, err := again.CombinedOutput()
			if err == nil || !strings.Contains(string(said), "--- FAIL: TestContract/") {
				t.Errorf("the contract passed a store that has this fault: %v\n%s", err, said)
			}
		})
	}
}
