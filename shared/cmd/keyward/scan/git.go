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

// errNoGit says why a repository was searched as an ordinary folder.
var errNoGit = errors.New("this is a Git repository, but git is not installed: its history is not searched")

// open returns the repository that contains a folder, or nil if there is none.
func open(ctx context.Context, folder string) (*repository, error) {
	if _, err := exec.LookPath("git"); err != nil {
		if _, err := os.Lstat(filepath.Join(folder, ".git")); err != nil {
			return nil, nil
		}
		return nil, errNoGit
	}
	told, err := output(ctx, folder, "rev-parse", "--is-bare-repository", "--is-inside-work-tree", "--show-prefix")
	if err != nil {
		if strings.Contains(err.Error(), "not a git repository") {
			return nil, nil
		}
		return nil, err
	}
	lines := strings.Split(string(told)+"\n\n", "\n")
	r := &repository{folder: folder, bare: lines[0] == "true", whole: lines[2] == ""}
	if !r.bare && lines[1] != "true" {
		return nil, nil
	}
	return r, nil
}

// repository searches the files of a repository that are on disk, then what Git
// keeps.
func (s *Scanner) repository(ctx context.Context, r *repository) error {
	if !r.bare {
		if err := s.workTree(ctx, r); err != nil {
			return err
		}
	}
	if s.NoHistory {
		return nil
	}
	return s.history(ctx, r)
}

// workTree searches the files of a repository. Git names the repositories inside
// of it with a slash at the end, and submodules as files; both are repositories of
// their own.
func (s *Scanner) workTree(ctx context.Context, r *repository) error {
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

// nested searches a folder that Git leaves to another repository: a submodule, if
// it was fetched.
func (s *Scanner) nested(ctx context.Context, path string) error {
	if _, err := os.Lstat(filepath.Join(path, ".git")); err != nil {
		return s.folder(ctx, path)
	}
	return s.Scan(ctx, path)
}

// command returns a Git command that changes nothing, runs no program that the
// repository's settings name, and reaches no network.
func command(ctx context.Context, folder string, args ...string) *exec.Cmd {
	quiet := []string{"--no-pager", "-c", "core.fsmonitor=false", "-c", "log.showSignature=false", "-c", "log.showRoot=true", "-c", "diff.orderFile=" + os.DevNull}
	c := exec.CommandContext(ctx, "git", append(quiet, args...)...)
	c.Dir = folder
	c.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		// A hook has these, for its own repository.
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"}, name)
	})
	c.Env = append(c.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none",
		"GIT_TERMINAL_PROMPT=0", "GIT_NO_REPLACE_OBJECTS=1")
	return c
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

// gitError is the first line of what Git said.
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
