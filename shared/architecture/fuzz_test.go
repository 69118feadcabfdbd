package architecture

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w+)\(`)

// Every fuzz target begins with a committed corpus: one whose folder is gone
// would start from nothing and still pass.
func TestFuzzTargetsHaveACorpus(t *testing.T) {
	targets := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range fuzzTarget.FindAllSubmatch(source, -1) {
			targets++
			folder := filepath.Join(filepath.Dir(path), "testdata", "fuzz", string(match[1]))
			if corpus, err := os.ReadDir(folder); err != nil || len(corpus) < 3 {
				t.Errorf("%s has a corpus of %d inputs in %s", match[1], len(corpus), folder)
			}
		}
		return nil
	})
	if err != nil || targets < 5 {
		t.Errorf("%d targets found, %v", targets, err)
	}
}
