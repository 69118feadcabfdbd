package scan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// repository is a folder in a Git repository.
type repository struct {
	// folder is the path of the search, and whole whether it is the repository's
	// first.
	folder      string
	whole, bare bool
}

var (
	// errNoGit says why a repository was searched as an ordinary folder.
	errNoGit = errors.New("this is a Git repository, but git is not installed: its history is not searched")
	// errNotOpened is for a damaged repository, or a worktree or submodule whose
	// repository is elsewhere.
	errNotOpened = errors.New("git does not open this repository: its history is not searched")
)

// open returns the repository that contains a folder, or nil if there is none.
func open(ctx context.Context, folder string) (*repository, error) {
	top := workTree(folder)
	if _, err := exec.LookPath("git"); err != nil {
		if top == "" {
			return nil, nil
		}
		return nil, errNoGit
	}
	told, err := output(ctx, folder, "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-prefix")
	switch {
	case err == nil:
	case !strings.Contains(err.Error(), "not a git repository"):
		return nil, err
	case top == "":
		return nil, nil
	default:
		return nil, errNotOpened
	}
	lines := strings.Split(string(told)+"\n\n", "\n")
	r := &repository{folder: folder, bare: lines[0] == "true", whole: lines[2] == ""}
	if !r.bare && lines[1] != "true" {
		return nil, nil
	}
	return r, nil
}

// workTree returns the first folder, from this one upwards, that has a repository
// in it. It returns "" if there is none, or if the folder is itself inside of what
// Git keeps.
func workTree(folder string) string {
	at, err := filepath.Abs(folder)
	if err == nil {
		at, err = filepath.EvalSymlinks(at)
	}
	if err != nil {
		return ""
	}
	has := func(name string) bool {
		_, err := os.Lstat(filepath.Join(at, name))
		return err == nil
	}
	for {
		switch {
		case has(".git"):
			return at
		case has("HEAD") && has("objects") && has("refs"), filepath.Dir(at) == at:
			return ""
		}
		at = filepath.Dir(at)
	}
}

// repository searches the files of a repository that are on disk, then what Git
// keeps.
func (s *Scanner) repository(ctx context.Context, r *repository) error {
	if !r.bare {
		if err := s.listed(ctx, r); err != nil {
			return err
		}
	}
	if s.NoHistory {
		return nil
	}
	if r.whole {
		if err := s.names(ctx, r); err != nil {
			return err
		}
		if err := s.reflogs(ctx, r); err != nil {
			return err
		}
	}
	return s.history(ctx, r)
}

// listed searches the files of a repository. Git names the repositories inside
// of it with a slash at the end, and submodules as files; both are repositories of
// their own.
func (s *Scanner) listed(ctx context.Context, r *repository) error {
	args := []string{"ls-files", "-z", "--cached", "--others"}
	if !s.Ignored {
		args = append(args, "--exclude-standard")
	}
	names, err := output(ctx, r.folder, args...)
	if err != nil {
		if ctx.Err() == nil {
			s.unreadable(r.folder, err)
		}
		return ctx.Err()
	}
	last := ""
	for name := range strings.SplitSeq(string(names), "\x00") {
		if name == "" || name == last { // a file in conflict is there three times
			continue
		}
		last = name
		path := filepath.Join(r.folder, filepath.FromSlash(name))
		if s.behindLink(r.folder, path) { // a folder in a commit, and a link on disk
			continue
		}
		info, err := os.Lstat(path)
		switch {
		case errors.Is(err, os.ErrNotExist): // deleted, and not yet in a commit
			continue
		case err != nil:
			s.unreadable(path, err)
			continue
		case info.IsDir():
			err = s.nested(ctx, path)
		case info.Mode().IsRegular():
			err = s.file(ctx, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// behindLink reports whether a folder between root and path is a symbolic link.
func (s *Scanner) behindLink(root, path string) bool {
	folder := filepath.Dir(path)
	if folder == filepath.Clean(root) || folder == filepath.Dir(folder) {
		return false
	}
	if s.lastFolder != folder {
		info, err := os.Lstat(folder)
		s.lastLinked = err == nil && info.Mode()&os.ModeSymlink != 0 || s.behindLink(root, folder)
		s.lastFolder = folder
	}
	return s.lastLinked
}

// nested searches a folder that Git leaves to another repository: a submodule, if
// it was fetched.
func (s *Scanner) nested(ctx context.Context, path string) error {
	if _, err := os.Lstat(filepath.Join(path, ".git")); err != nil {
		return s.folder(ctx, path)
	}
	return s.Scan(ctx, path)
}

// command returns a Git command that changes nothing, runs no program that the
// repository's settings name, and reaches no network. The folder that has a
// repository in it is its work tree, whatever the settings say: otherwise they could
// hide files. A repository that Git does not open is not passed over for one further
// up.
func command(ctx context.Context, folder string, args ...string) *exec.Cmd {
	quiet := []string{"--no-pager", "-c", "core.fsmonitor=false", "-c", "advice.graftFileDeprecated=false", "-c", "log.showSignature=false", "-c", "log.showRoot=true", "-c", "diff.orderFile=" + os.DevNull}
	c := exec.CommandContext(ctx, "git", append(quiet, args...)...)
	c.Dir = folder
	c.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		// A hook has these, for its own repository; a trace would stand among the errors.
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "GIT_TRACE") ||
			slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}, name)
	})
	c.Env = append(c.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
		"GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE="+os.DevNull, "GIT_DISCOVERY_ACROSS_FILESYSTEM=1")
	if top := workTree(folder); top != "" {
		c.Env = append(c.Env, "GIT_WORK_TREE="+top, "GIT_CEILING_DIRECTORIES="+filepath.Dir(top))
	}
	return c
}

// reference is a branch, a tag or another name of an object. to is the kind of object
// that an annotated tag names, which may be another tag.
type reference struct{ kind, object, to, name string }

// short returns the reference's name as people write it.
func (r reference) short() string {
	for _, kind := range []string{"refs/heads/", "refs/tags/", "refs/"} {
		if short, is := strings.CutPrefix(r.name, kind); is {
			return short
		}
	}
	return r.name
}

// references returns all references of a repository. Their names have no ASCII
// space, but may have others.
func references(ctx context.Context, r *repository) ([]reference, error) {
	told, err := output(ctx, r.folder, "for-each-ref", "--format=%(objecttype) %(objectname) %(type) %(refname)")
	if err != nil {
		return nil, err
	}
	var all []reference
	for line := range strings.Lines(string(told)) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 4)
		if len(fields) != 4 {
			return nil, errBroken
		}
		all = append(all, reference{fields[0], fields[1], fields[2], fields[3]})
	}
	return all, nil
}

func output(ctx context.Context, folder string, args ...string) ([]byte, error) {
	c := command(ctx, folder, args...)
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		return nil, gitError(err, said.String())
	}
	return out, nil
}

// gitError returns the first line of what Git said.
func gitError(err error, said string) error {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if line == "" {
		return fmt.Errorf("git: %w", err)
	}
	return errors.New("git: " + Redact(line))
}

// running is a Git command whose output is read as it comes.
type running struct {
	io.Reader
	command *exec.Cmd
	said    bytes.Buffer
}

func start(c *exec.Cmd) (*running, error) {
	r := &running{command: c}
	c.Stderr = &r.said
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.Reader = out
	return r, c.Start()
}

func (r *running) wait() error {
	if err := r.command.Wait(); err != nil {
		return gitError(err, r.said.String())
	}
	return nil
}
