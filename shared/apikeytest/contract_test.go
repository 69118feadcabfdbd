package apikeytest

import (
	"maps"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// withFault is the variable that names a fault for TestContract's store.
const withFault = "KEYWARD_TEST_STORE_FAULT"

// The in-memory store passes the contract of every store.
func TestContract(t *testing.T) {
	maps.Copy(faults, ownerFaults)
	fault := faults[os.Getenv(withFault)]
	Contract(t, func(*testing.T) Subject {
		store := fault
		store.Store = NewStore()
		return store
	})
}

// The contract fails for a store with any one of these faults, so passing it
// means something.
func TestContractFindsFaults(t *testing.T) {
	maps.Copy(faults, ownerFaults)
	for fault := range faults {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			again := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestContract$", "-test.failfast")
			again.Env = append(os.Environ(), withFault+"="+fault)
			said, err := again.CombinedOutput()
			if err == nil || !strings.Contains(string(said), "--- FAIL: TestContract/") {
				t.Errorf("the contract passed a store that has this fault: %v\n%s", err, said)
			}
		})
	}
}
