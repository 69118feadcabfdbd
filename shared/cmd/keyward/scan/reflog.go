package scan

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// reflogs is the last part of a [Finding]'s File if the key stands in the text of a
// reflog. Its Commit is then the name of that reflog.
const reflogs = "(reflog)"

// reflogs searches the logs of all references and work trees. It reads Git's files,
// because Git itself lists only the entries whose commit still exists. A key is
// reported once per log.
func (s *Scanner) reflogs(ctx context.Context, r *repository) error {
	told, err := output(ctx, r.folder, "rev-parse", "--git-common-dir")
	if err != nil {
		if ctx.Err() == nil {
			s.unreadable(filepath.Join(r.folder, reflogs), err)
		}
		return ctx.Err()
	}
	kept := strings.TrimSuffix(string(told), "\n")
	if !filepath.IsAbs(kept) {
		kept = filepath.Join(r.folder, kept)
	}
	if _, err := os.Lstat(filepath.Join(kept, "reftable")); err == nil {
		s.Noticed(Redact(r.folder) + " keeps its references in the reftable format: the texts of its reflogs are not searched")
	}
	folders := []string{filepath.Join(kept, "logs")}
	trees, err := os.ReadDir(filepath.Join(kept, "worktrees"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.unreadable(filepath.Join(kept, "worktrees"), err)
	}
	for _, tree := range trees {
		folders = append(folders, filepath.Join(kept, "worktrees", tree.Name(), "logs"))
	}
	for _, logs := range folders {
		if err := s.logs(ctx, r, kept, logs); err != nil {
			return err
		}
	}
	return nil
}

// logs searches a folder of logs. kept is the repository's own folder, such as .git.
func (s *Scanner) logs(ctx context.Context, r *repository, kept, folder string) error {
	return filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			s.unreadable(path, err)
			return nil
		case entry.Type()&fs.ModeSymlink != 0:
			s.unreadable(path, errors.New("a symbolic link, which is not followed"))
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		name, _ := filepath.Rel(kept, path)
		at := Finding{File: filepath.Join(r.folder, reflogs), Commit: strings.Replace(filepath.ToSlash(name), "logs/", "", 1)}
		return s.reflog(ctx, path, at)
	})
}

func (s *Scanner) reflog(ctx context.Context, path string, at Finding) error {
	file, err := os.Open(path)
	if err != nil {
		s.unreadable(path, err)
		return nil
	}
	defer func() { _ = file.Close() }()
	err = s.object(ctx, file, s.buffer, at, map[string]bool{})
	if errors.Is(err, errBroken) && ctx.Err() == nil {
		s.unreadable(path, err)
		return nil
	}
	return err
}
