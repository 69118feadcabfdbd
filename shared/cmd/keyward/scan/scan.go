// Package scan finds the keys of Keyward in files and in the history of Git
// repositories, by their form and their checksum. It asks nobody, and never
// shows the text of a key.
package scan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/keyward/keyward/shared/keytext"
)

// Finding is a key and where it stands.
type Finding struct {
	// File is a path, as the scan reached it.
	File string
	// Line counts from 1; it is 0 if the key stands in the name of the file or the
	// reference, in a message or in a reflog.
	Line int
	// Commit is the first commit in which the file has the key, [Staged] for the
	// index, the name of a tag or reflog for its text, the object itself for a file
	// that only a tag has, and empty for a file on disk.
	Commit string
	// Key prints its redacted form only.
	Key keytext.Key
}

// Staged is what a [Finding] has as Commit if the key was added to the index and
// not committed.
const Staged = "staged"

// messages is the last part of a [Finding]'s File if the key stands in the message
// of a commit or a tag.
const messages = "(message)"

// Scanner searches paths. Its fields are set before the first search.
type Scanner struct {
	// Prefixes are the only prefixes that a key may have; none allows every one.
	Prefixes []string
	// NoHistory leaves out what Git keeps. Ignored searches the files that Git
	// ignores, too.
	NoHistory, Ignored bool
	// Found is called for each finding. Its error ends the search.
	Found func(Finding) error
	// Unreadable is called for whatever could not be searched.
	Unreadable func(path string, err error)
	// Noticed is called for what a reader of the result should know besides.
	Noticed func(note string)
	// Stdin is read for the path "-".
	Stdin io.Reader
	// Files, Commits and Bytes count what was searched so far. They may be read at
	// any time.
	Files, Commits, Bytes atomic.Int64

	buffer []byte
	// lastFolder is what behindLink looked at last, with its result.
	lastFolder string
	lastLinked bool
}

// Scan searches a path. A file is read whatever it is. In a folder, all regular
// files are read, and symbolic links are not followed; of a Git repository, only
// the files that it does not ignore, then its history. Its error is ctx's or that
// of Found: what cannot be read is told to Unreadable.
func (s *Scanner) Scan(ctx context.Context, path string) error {
	if s.buffer == nil {
		s.buffer = make([]byte, bufferSize)
	}
	if path == "-" {
		return s.content(ctx, s.Stdin, Finding{File: "-"})
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		s.unreadable(path, err)
		return nil
	case !info.IsDir():
		return s.file(ctx, path)
	}
	repository, err := open(ctx, path)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil: // the files can be searched all the same
		s.unreadable(path, err)
		return s.folder(ctx, path)
	case repository == nil:
		return s.folder(ctx, path)
	}
	return s.repository(ctx, repository)
}

// folder searches a folder that is not in a repository. It may contain some.
func (s *Scanner) folder(ctx context.Context, root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			s.unreadable(path, err)
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir() && path != root:
			if _, err := os.Lstat(filepath.Join(path, ".git")); err == nil {
				if err := s.Scan(ctx, path); err != nil {
					return err
				}
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		return s.file(ctx, path)
	})
}

func (s *Scanner) file(ctx context.Context, path string) error {
	s.Files.Add(1)
	at := Finding{File: path}
	if err := s.name(at, path); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		s.unreadable(path, err)
		return nil
	}
	defer func() { _ = file.Close() }()
	return s.content(ctx, file, at)
}

// name looks for keys in the name of a file or a reference.
func (s *Scanner) name(at Finding, name string) error {
	for _, key := range Keys(name, s.Prefixes...) {
		at.Key = key
		if err := s.found(at); err != nil {
			return err
		}
	}
	return nil
}

// content looks for keys in a file's content. A file that ends early is told as
// unreadable.
func (s *Scanner) content(ctx context.Context, content io.Reader, at Finding) error {
	failed := error(nil)
	err := find(countingReader{ctx, content, &s.Bytes}, s.buffer, s.Prefixes, func(line int, key keytext.Key) bool {
		at.Line, at.Key = line, key
		failed = s.found(at)
		return failed == nil
	})
	switch {
	case failed != nil:
		return failed
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		s.unreadable(at.File, err)
	}
	return nil
}

// unreadable tells of a path without the text of keys, and of its fault without
// the path.
func (s *Scanner) unreadable(path string, err error) {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	s.Unreadable(Redact(path), err)
}

func (s *Scanner) found(at Finding) error {
	at.File, at.Commit = Redact(at.File), Redact(at.Commit)
	return s.Found(at)
}

// countingReader counts what is read, and ends with ctx.
type countingReader struct {
	ctx   context.Context
	from  io.Reader
	count *atomic.Int64
}

func (r countingReader) Read(into []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.from.Read(into)
	r.count.Add(int64(n))
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("read: %w", err)
	}
	return n, err
}
