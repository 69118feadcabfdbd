package checkout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The module is found from any folder in it. Outside of it, and in another
// module, a clear error says where to go.
func TestRoot(t *testing.T) {
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if root, err := Root(); err != nil || root != filepath.Join(folder, "..", "..", "..") {
		t.Errorf("root %q: %v", root, err)
	}
	t.Chdir(t.TempDir())
	for _, where := range []string{"no module", "another module"} {
		if root, err := Root(); err == nil || !strings.Contains(err.Error(), "inside the checkout") {
			t.Errorf("in %s: root %q, error %v", where, root, err)
		}
		if err := os.WriteFile("go.mod", []byte("module example.com/other\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
