package stack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A missing data folder is created, accessible only to its owner, before
// anything is put into it.
func TestDataDirIsMade(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "not", "there")
	s := &Stack{options: Options{DataDir: folder}}
	if err := s.claimDataDir(); err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v", info, err)
	}
}

// One stack at a time can use a data folder, and the next one after that has
// ended. A refused stack says so in one line.
func TestDataDirServesOneStack(t *testing.T) {
	folder := t.TempDir()
	claim := func() (*Stack, error) {
		s := &Stack{options: Options{DataDir: folder}}
		return s, s.claimDataDir()
	}
	first, err := claim()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := Start(t.Context(), Options{DataDir: folder})
		if err == nil || !strings.Contains(err.Error(), folder) || !strings.Contains(err.Error(), "DATA_DIR") || strings.Contains(err.Error(), "\n") {
			t.Fatalf("a second stack: %v", err)
		}
	}
	first.Stop()
	next, err := claim()
	if err != nil {
		t.Fatalf("after the first has ended: %v", err)
	}
	next.Stop()
}

// A path that cannot be a folder also gives one line.
func TestDataDirThatIsAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{DataDir: file}); err == nil || !strings.Contains(err.Error(), "data folder") {
		t.Errorf("%v", err)
	}
}
