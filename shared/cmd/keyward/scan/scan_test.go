package scan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// git runs Git in a folder, independent of this machine's settings, and returns what it
// says.
func git(t *testing.T, folder string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "git", args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, output)
	}
	return strings.TrimSpace(string(output))
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// result is what a search told, in lines without the folder.
type result struct{ findings, unreadable, notes []string }

func scanned(t *testing.T, folder string, s *Scanner) result {
	t.Helper()
	var r result
	s.Found = func(f Finding) error {
		commit := f.Commit
		if len(commit) == 40 {
			commit = "commit"
		}
		r.findings = append(r.findings, strings.TrimPrefix(fmt.Sprintf("%s:%d %s", f.File, f.Line, commit), folder+"/"))
		return nil
	}
	s.Unreadable = func(path string, err error) {
		r.unreadable = append(r.unreadable, strings.TrimPrefix(path, folder+"/")+": "+err.Error())
	}
	s.Noticed = func(note string) { r.notes = append(r.notes, note) }
	if err := s.Scan(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	slices.Sort(r.findings)
	return r
}

func (r result) want(t *testing.T, findings ...string) {
	t.Helper()
	if !slices.Equal(r.findings, findings) || r.unreadable != nil {
		t.Errorf("found\n%s\nwant\n%s\nunreadable %v", strings.Join(r.findings, "\n"), strings.Join(findings, "\n"), r.unreadable)
	}
}

// In a folder, every regular file is searched, its name included; links are not
// followed.
func TestFolder(t *testing.T) {
	folder := t.TempDir()
	key, text := newKey(t, "kw")
	write(t, filepath.Join(folder, "a", "b.env"), "\n\nKEY="+text)
	write(t, filepath.Join(folder, text+".txt"), "")
	write(t, filepath.Join(t.TempDir(), "other"), text)
	if err := os.Symlink(folder, filepath.Join(folder, "circle")); err != nil {
		t.Fatal(err)
	}
	scanned(t, folder, &Scanner{}).want(t, "a/b.env:3 ", key.Redacted()+".txt:0 ")
}

// Of a repository, the files on disk are searched, without the ignored ones, and
// everything that was ever committed, staged, or said in a message, each once.
func TestRepository(t *testing.T) {
	folder := t.TempDir()
	_, text := newKey(t, "kw")
	in := func(name, content string) { write(t, filepath.Join(folder, name), content) }
	git(t, folder, "init", "-q", "-b", "main")
	in("sub/deleted \"ä\"\n.env", "x\n"+text)
	in("changed", text)
	git(t, folder, "add", ".")
	git(t, folder, "commit", "-qm", "first")
	in("changed", "nothing")
	in("copy", text) // the same version of a file at another path
	git(t, folder, "rm", "-q", "sub/deleted \"ä\"\n.env")
	git(t, folder, "add", ".")
	git(t, folder, "commit", "-qm", "second "+text)
	git(t, folder, "checkout", "-qb", "side", "HEAD~1")
	in("amended", "amended "+text)
	git(t, folder, "add", ".")
	git(t, folder, "commit", "-qm", "third")
	git(t, folder, "rm", "-qf", "amended")
	git(t, folder, "commit", "-q", "--amend", "--allow-empty", "-m", "third again")
	git(t, folder, "checkout", "-q", "main")
	git(t, folder, "merge", "-q", "--no-commit", "--no-ff", "side")
	in("merged", "in the merge alone "+text)
	git(t, folder, "add", ".")
	git(t, folder, "commit", "-qm", "merge")
	git(t, folder, "tag", "-a", "v1", "-m", "release "+text)
	git(t, folder, "rm", "-q", "merged", "copy")
	in("staged", "staged "+text)
	git(t, folder, "add", "staged")
	in("staged", "no more")
	in(".gitignore", "ignored")
	in("ignored", text)
	in("untracked", text)
	history := []string{
		"(message):0 commit", "(message):0 v1", "(reflog):0 HEAD", "(reflog):0 refs/heads/main", "amended:1 commit", "changed:1 commit", "merged:1 commit", "staged:1 staged",
		"sub/deleted \"ä\"\n.env:2 commit", "untracked:1 ",
	}
	scanned(t, folder, &Scanner{}).want(t, history...)
	scanned(t, folder, &Scanner{NoHistory: true, Ignored: true}).want(t, "ignored:1 ", "untracked:1 ")
	scanned(t, folder, &Scanner{Prefixes: []string{"acme"}}).want(t)

	// A folder of it alone, with its own history.
	write(t, filepath.Join(folder, "sub", "here"), text)
	scanned(t, filepath.Join(folder, "sub"), &Scanner{}).want(t, "(message):0 commit", "deleted \"ä\"\n.env:2 commit", "here:1 ")

	// Without a work tree.
	bare := filepath.Join(t.TempDir(), "bare.git")
	git(t, folder, "clone", "-q", "--bare", folder, bare)
	scanned(t, bare, &Scanner{}).want(t, "(message):0 commit", "(message):0 v1", "changed:1 commit", "merged:1 commit", "sub/deleted \"ä\"\n.env:2 commit")

	// Inside of a folder that is none.
	outer := t.TempDir()
	git(t, outer, "clone", "-q", "--depth=1", "file://"+bare, filepath.Join(outer, "inner"))
	r := scanned(t, outer, &Scanner{})
	if r.want(t, "inner/(message):0 v1", "inner/copy:1 ", "inner/copy:1 commit", "inner/merged:1 ", "inner/merged:1 commit"); len(r.notes) != 1 {
		t.Errorf("notes: %q", r.notes)
	}
}

// Names of branches and tags are searched, and never printed with a key's text. A
// tag's message is searched whatever its name is.
func TestReferences(t *testing.T) {
	folder := t.TempDir()
	key, text := newKey(t, "kw")
	_, other := newKey(t, "kw")
	git(t, folder, "init", "-q", "-b", "main")
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "empty")
	git(t, folder, "branch", "old/"+text)
	git(t, folder, "tag", "-a", text, "-m", text)
	git(t, folder, "tag", "-a", "v1\u00a0x", "-m", other)
	told := scanned(t, folder, &Scanner{})
	told.want(t, "(message):0 "+key.Redacted(), "(message):0 v1\u00a0x", "refs/heads/old/"+key.Redacted()+":0 commit", "refs/tags/"+key.Redacted()+":0 commit")
}

// Whatever a tag leads to is searched, even if no commit has it: other tags, trees and
// files.
func TestTags(t *testing.T) {
	folder := t.TempDir()
	_, text := newKey(t, "kw")
	git(t, folder, "init", "-q", "-b", "main")
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "empty")
	git(t, folder, "tag", "-a", "inner", "-m", text)
	git(t, folder, "tag", "-a", "middle", "inner", "-m", "nothing")
	git(t, folder, "tag", "-a", "outer", "middle", "-m", "nothing")
	git(t, folder, "tag", "-d", "inner", "middle")
	write(t, filepath.Join(folder, "sub", "file"), "x\n"+text)
	git(t, folder, "add", "sub")
	git(t, folder, "tag", "-a", "files", "-m", "nothing", git(t, folder, "write-tree"))
	git(t, folder, "rm", "-qrf", "sub")
	scanned(t, folder, &Scanner{}).want(t, "(message):0 inner", "sub/file:2 commit")
}

// The reflogs of every reference and work tree are searched, whatever the folder is
// called. Each key is reported once per log.
func TestReflogs(t *testing.T) {
	folder, other := filepath.Join(t.TempDir(), "a[*b"), filepath.Join(t.TempDir(), "other")
	_, text := newKey(t, "kw")
	git(t, t.TempDir(), "init", "-q", "-b", "main", folder)
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "empty")
	git(t, folder, "branch", "side")
	git(t, folder, "worktree", "add", "-q", "--detach", other)
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "another")
	git(t, folder, "update-ref", "-m", text, "refs/heads/side", "main")
	git(t, folder, "update-ref", "-m", "again "+text, "refs/heads/side", "main~1")
	git(t, other, "update-ref", "-m", text, "HEAD", "main")
	want := []string{"(reflog):0 refs/heads/side", "(reflog):0 worktrees/other/HEAD"}
	scanned(t, folder, &Scanner{}).want(t, want...)
	scanned(t, other, &Scanner{}).want(t, want...)
	scanned(t, folder, &Scanner{NoHistory: true}).want(t)
}

// Reflogs that are not searched are reported: those behind a link, and those in the
// reftable format.
func TestReflogsThatAreNotSearched(t *testing.T) {
	folder := t.TempDir()
	git(t, folder, "init", "-q", "-b", "main")
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "empty")
	logs, elsewhere := filepath.Join(folder, ".git", "logs"), filepath.Join(t.TempDir(), "logs")
	if err := errors.Join(os.Rename(logs, elsewhere), os.Symlink(elsewhere, logs), os.Mkdir(filepath.Join(folder, ".git", "reftable"), 0o700)); err != nil {
		t.Fatal(err)
	}
	told := scanned(t, folder, &Scanner{})
	if told.findings != nil || len(told.unreadable) != 1 || !strings.Contains(told.unreadable[0], "symbolic link") || !strings.Contains(strings.Join(told.notes, ""), "reftable") {
		t.Error(told.unreadable, told.notes)
	}
}

// What is said of a history that cannot be read is Git's fault, and not its advice.
func TestDamagedHistory(t *testing.T) {
	folder := t.TempDir()
	git(t, folder, "init", "-q", "-b", "main")
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "empty")
	write(t, filepath.Join(folder, "file"), "gone")
	object := git(t, folder, "hash-object", "-w", "file")
	git(t, folder, "tag", "-a", "gone", "-m", "nothing", object)
	if err := os.Remove(filepath.Join(folder, ".git", "objects", object[:2], object[2:])); err != nil {
		t.Fatal(err)
	}
	if told := scanned(t, folder, &Scanner{}).unreadable; len(told) != 1 || strings.Contains(told[0], "hint") || !strings.Contains(told[0], object) {
		t.Error(told)
	}
}

// No setting of a repository hides its files or its history.
func TestSettings(t *testing.T) {
	_, text := newKey(t, "kw")
	for name, arrange := range map[string]func(folder string){
		"bare":           func(folder string) { git(t, folder, "config", "core.bare", "true") },
		"work tree":      func(folder string) { git(t, folder, "config", "core.worktree", os.TempDir()) },
		"no work tree":   func(folder string) { git(t, folder, "config", "core.worktree", filepath.Join(folder, "missing")) },
		"graft":          func(folder string) { graft(t, folder) },
		"traced":         func(string) { t.Setenv("GIT_TRACE", "1") },
		"other settings": func(string) {},
	} {
		folder := t.TempDir()
		git(t, folder, "init", "-q", "-b", "main")
		write(t, filepath.Join(folder, "sub", "deleted"), text)
		git(t, folder, "add", ".")
		git(t, folder, "commit", "-qm", "first")
		git(t, folder, "rm", "-q", "sub/deleted")
		git(t, folder, "commit", "-q", "--allow-empty", "-m", "second")
		write(t, filepath.Join(folder, "sub", "here"), text)
		arrange(folder)
		t.Run(name, func(t *testing.T) {
			scanned(t, folder, &Scanner{}).want(t, "sub/deleted:1 commit", "sub/here:1 ")
			scanned(t, filepath.Join(folder, "sub"), &Scanner{}).want(t, "deleted:1 commit", "here:1 ")
		})
	}
}

// graft makes Git believe that the last commit is the first.
func graft(t *testing.T, folder string) {
	head, err := os.ReadFile(filepath.Join(folder, ".git", "refs", "heads", "main"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(folder, ".git", "info", "grafts"), string(head))
	if err := os.RemoveAll(filepath.Join(folder, ".git", "logs")); err != nil {
		t.Fatal(err)
	}
}

// A repository that Git does not open is told, and its files are searched all the
// same; the one around it does not stand in for it.
func TestNotOpened(t *testing.T) {
	_, text := newKey(t, "kw")
	folder := t.TempDir()
	git(t, folder, "init", "-q")
	git(t, folder, "commit", "-q", "--allow-empty", "-m", "empty")
	git(t, folder, "update-index", "--add", "--cacheinfo", "160000,0123456789012345678901234567890123456789,sub")
	write(t, filepath.Join(folder, "sub", "here"), text)
	for name, arrange := range map[string]func(dir string) error{
		"empty":  func(dir string) error { return os.Mkdir(dir, 0o700) },
		"lost":   func(dir string) error { return os.WriteFile(dir, []byte("gitdir: /missing\n"), 0o600) },
		"circle": func(dir string) error { return os.Symlink(".git", dir) },
	} {
		dir := filepath.Join(folder, "sub", ".git")
		if err := arrange(dir); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			r := scanned(t, folder, &Scanner{})
			if !slices.Equal(r.findings, []string{"sub/here:1 "}) || len(r.unreadable) != 1 {
				t.Errorf("found %q, unreadable %q", r.findings, r.unreadable)
			}
		})
		if err := os.Remove(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// A folder that is in a commit, and a link on disk, leads nowhere.
func TestLinkedFolder(t *testing.T) {
	folder, outside := t.TempDir(), t.TempDir()
	_, text := newKey(t, "kw")
	write(t, filepath.Join(outside, "b", "secret"), text)
	git(t, folder, "init", "-q")
	write(t, filepath.Join(folder, "a", "b", "secret"), "")
	write(t, filepath.Join(folder, "a", "other"), "")
	git(t, folder, "add", ".")
	git(t, folder, "commit", "-qm", "a")
	if err := errors.Join(os.RemoveAll(filepath.Join(folder, "a")), os.Symlink(outside, filepath.Join(folder, "a"))); err != nil {
		t.Fatal(err)
	}
	scanned(t, folder, &Scanner{}).want(t)
	t.Chdir(folder)
	scanned(t, ".", &Scanner{}).want(t)
}

// What cannot be searched is told.
func TestUnreadable(t *testing.T) {
	folder := t.TempDir()
	if r := scanned(t, filepath.Join(folder, "missing"), &Scanner{}); len(r.unreadable) != 1 {
		t.Errorf("%v", r.unreadable)
	}
	git(t, folder, "init", "-q")
	write(t, filepath.Join(folder, "a"), "a")
	git(t, folder, "add", ".")
	git(t, folder, "commit", "-qm", "a")
	objects, err := filepath.Glob(filepath.Join(folder, ".git", "objects", "??", "*"))
	if err != nil || len(objects) != 3 {
		t.Fatal(objects, err)
	}
	for _, object := range objects {
		if err := os.Remove(object); err != nil {
			t.Fatal(err)
		}
	}
	if r := scanned(t, folder, &Scanner{}); len(r.unreadable) == 0 {
		t.Error("a damaged repository is not told")
	}
}

// A search ends when it is told to, and so do Git's processes.
func TestStop(t *testing.T) {
	folder := t.TempDir()
	_, text := newKey(t, "kw")
	git(t, folder, "init", "-q")
	for i := range 20 {
		write(t, filepath.Join(folder, "a"), fmt.Sprint(i, text))
		git(t, folder, "add", ".")
	}
	git(t, folder, "commit", "-qm", "a")
	git(t, folder, "rm", "-q", "a")
	stop := errors.New("enough")
	s := &Scanner{Found: func(Finding) error { return stop }, Unreadable: func(path string, err error) { t.Error(path, err) }}
	if err := s.Scan(t.Context(), folder); !errors.Is(err, stop) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Scan(ctx, folder); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
