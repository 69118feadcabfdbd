package architecture

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link     = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#+ (.+)$`)
	unlinked = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the names by which GitHub links to a document's headings.
func anchors(document string) (names []string) {
	for _, title := range heading.FindAllStringSubmatch(document, -1) {
		names = append(names, strings.ReplaceAll(unlinked.ReplaceAllString(strings.ToLower(title[1]), ""), " ", "-"))
	}
	return names
}

// broken are the links of a document, in that folder, that lead to no file or to
// no heading of one. Links to elsewhere are not looked at.
func broken(folder, document string) (links []string) {
	for _, found := range link.FindAllStringSubmatch(document, -1) {
		if strings.Contains(found[1], "://") {
			continue
		}
		path, anchor, _ := strings.Cut(found[1], "#")
		target := document
		if path != "" {
			text, err := os.ReadFile(filepath.Join(folder, path))
			if info, statErr := os.Stat(filepath.Join(folder, path)); err != nil && (statErr != nil || !info.IsDir()) {
				links = append(links, found[1])
				continue
			}
			target = string(text)
		}
		if anchor != "" && !slices.Contains(anchors(target), anchor) {
			links = append(links, found[1])
		}
	}
	return links
}

// Every link of a document of the repository to another, or to a heading, leads
// somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	documents := 0
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && name != ".." && (strings.HasPrefix(name, ".") && name != ".github" || slices.Contains([]string{"node_modules", "dist", "cdk.out"}, name)) {
			return fs.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		documents++
		text, err := os.ReadFile(path)
		for _, link := range broken(filepath.Dir(path), string(text)) {
			t.Errorf("%s: %s leads nowhere", path, link)
		}
		return err
	})
	if err != nil || documents < 4 {
		t.Errorf("%d documents were read: %v", documents, err)
	}
}

// A link to a missing file, or to a missing heading of this or another document,
// is found; good ones and those to elsewhere are not.
func TestBrokenLinksAreFound(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "other.md"), []byte("## Keys, and `more`\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	document := "# One two\n[a](other.md) [b](other.md#keys-and-more) [c](#one-two) [d](https://example.com/x#y) [e](.)\n" +
		"[f](missing.md) [g](other.md#keys) [h](#two)\n"
	if got := broken(folder, document); !slices.Equal(got, []string{"missing.md", "other.md#keys", "#two"}) {
		t.Errorf("broken are %q", got)
	}
}
