package scan

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/keytext"
)

// history searches every commit that a reference or a log of one leads to, with
// its message, and the index. It reads each version of a file once. A key is
// reported once for each path that it has stood at, with the first commit.
func (s *Scanner) history(ctx context.Context, r *repository) error {
	if shallow, err := output(ctx, r.folder, "rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(string(shallow)) == "true" {
		s.Noticed(Redact(r.folder) + " is a shallow clone: what came before its first commit is not searched")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batch := command(ctx, r.folder, "cat-file", "--batch=%(objectname) %(objecttype) %(objectsize) %(rest)", "--buffer")
	wanted, err := batch.StdinPipe()
	if err != nil {
		return err
	}
	objects, err := start(batch)
	if err != nil {
		s.unreadable(r.folder, err)
		return nil
	}
	listed := make(chan error, 1)
	go func() {
		list := lister{to: bufio.NewWriter(wanted), seen: map[objectID]bool{}, commits: &s.Commits}
		listed <- errors.Join(list.all(ctx, r), list.to.Flush(), wanted.Close())
	}()
	err = s.objects(ctx, r, bufio.NewReaderSize(objects, 64<<10))
	if err != nil {
		cancel() // ends the lister, which may wait to write
	}
	fault := <-listed
	if ended := objects.wait(); fault == nil {
		fault = ended
	}
	switch {
	case err != nil && !errors.Is(err, errBroken):
		return err
	case fault != nil:
		s.unreadable(r.folder+" (history)", fault)
	case err != nil:
		s.unreadable(r.folder+" (history)", err)
	}
	return nil
}

// names looks for keys in the names of branches, tags and other references.
func (s *Scanner) names(ctx context.Context, r *repository) error {
	refs, err := references(ctx, r)
	if err != nil {
		if ctx.Err() == nil {
			s.unreadable(r.folder+" (references)", err)
		}
		return ctx.Err()
	}
	for _, ref := range refs {
		if err := s.name(Finding{File: filepath.Join(r.folder, ref.name), Commit: ref.object}, ref.name); err != nil {
			return err
		}
	}
	return nil
}

// errBroken reports that Git's answer ended early.
var errBroken = errors.New("git: an incomplete answer")

// objects searches what cat-file answers, each with the line that asked for it.
func (s *Scanner) objects(ctx context.Context, r *repository, from *bufio.Reader) error {
	reported := map[string]bool{}
	buffer := make([]byte, bufferSize)
	for {
		header, err := from.ReadString('\n')
		if err == io.EOF && header == "" {
			return ctx.Err()
		}
		fields := strings.SplitN(strings.TrimSuffix(header, "\n"), " ", 5)
		if len(fields) == 2 {
			s.unreadable(r.folder+" (history)", fmt.Errorf("git: object %s is %s", fields[0], fields[1]))
			continue
		}
		if err != nil || len(fields) != 5 {
			return errors.Join(errBroken, ctx.Err())
		}
		size, sizeErr := strconv.ParseInt(fields[2], 10, 64)
		name, nameErr := strconv.Unquote(fields[4])
		if sizeErr != nil || nameErr != nil {
			return errBroken
		}
		commit := fields[3]
		if fields[1] == "tag" && name != "" { // a tag inside another
			name, commit = "", name
		}
		if name == "" {
			name = messages
		}
		at := Finding{File: filepath.Join(r.folder, filepath.FromSlash(name)), Commit: commit}
		content := &io.LimitedReader{R: from, N: size}
		if fields[1] != "tree" { // its files are listed
			if err := s.object(ctx, content, buffer, at, reported); err != nil {
				return err
			}
		}
		if _, err := io.CopyN(io.Discard, from, content.N+1); err != nil {
			return errors.Join(errBroken, ctx.Err())
		}
	}
}

func (s *Scanner) object(ctx context.Context, content io.Reader, buffer []byte, at Finding, reported map[string]bool) error {
	var failed error
	report := func(line int, key keytext.Key) bool {
		at.Line, at.Key = line, key
		once := at.File + "\x00" + key.ID().String()
		if base := filepath.Base(at.File); base == messages || base == reflogs {
			once += at.Commit
			at.Line = 0 // Git's own lines stand before a message
		}
		if !reported[once] {
			reported[once] = true
			failed = s.found(at)
		}
		return failed == nil
	}
	for _, key := range Keys(at.File, s.Prefixes...) {
		if !report(0, key) {
			return failed
		}
	}
	err := find(countingReader{ctx, content, &s.Bytes}, buffer, s.Prefixes, report)
	if failed == nil && err != nil {
		return errors.Join(errBroken, ctx.Err())
	}
	return failed
}

// objectID is the beginning of an object's name: 160 bits, which is all of it
// unless the repository uses SHA-256.
type objectID [20]byte

// lister writes which objects are wanted, each once: its name, its commit and its
// quoted path, in a line.
type lister struct {
	to      *bufio.Writer
	seen    map[objectID]bool
	commits interface{ Add(int64) int64 }
}

func (l lister) want(object, commit, path string) error {
	var id objectID
	if _, err := hex.Decode(id[:], []byte(object[:min(len(object), 2*len(id))])); err != nil {
		return fmt.Errorf("%w: no object's name", errBroken)
	}
	if id == (objectID{}) || l.seen[id] {
		return nil
	}
	l.seen[id] = true
	_, err := l.to.WriteString(object + " " + commit + " " + strconv.Quote(path) + "\n")
	return err
}

// all writes the objects of every commit, the oldest first, then those of the
// index and the tags.
func (l lister) all(ctx context.Context, r *repository) error {
	if err := l.log(ctx, r); err != nil {
		return err
	}
	if !r.bare {
		staged, err := output(ctx, r.folder, "ls-files", "--stage", "-z")
		if err != nil {
			return err
		}
		for entry := range strings.SplitSeq(string(staged), "\x00") {
			about, path, _ := strings.Cut(entry, "\t")
			if fields := strings.Fields(about); len(fields) == 3 && fields[0] != submodule {
				if err := l.want(fields[1], Staged, path); err != nil {
					return err
				}
			}
		}
	}
	if !r.whole {
		return nil
	}
	refs, err := references(ctx, r)
	if err != nil {
		return err
	}
	return l.tags(ctx, r, refs)
}

// tags writes what references lead to besides commits: the messages of tags, and the
// tags, trees and files behind them, which may be in no commit.
func (l lister) tags(ctx context.Context, r *repository, refs []reference) error {
	var more strings.Builder
	for _, ref := range refs {
		if ref.kind == "commit" {
			continue
		}
		if err := l.want(ref.object, ref.short(), ""); err != nil {
			return err
		}
		if ref.to != "commit" {
			more.WriteString(ref.object + "\n")
		}
	}
	if more.Len() == 0 {
		return nil
	}
	list := command(ctx, r.folder, "rev-list", "--objects", "--no-walk", "--stdin")
	list.Stdin = strings.NewReader(more.String())
	objects, err := start(list)
	if err != nil {
		return err
	}
	for lines := bufio.NewReader(objects); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return objects.wait()
		}
		object, name, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if err := l.want(object, object, name); err != nil {
			_, _ = io.Copy(io.Discard, lines)
			return errors.Join(err, objects.wait())
		}
	}
}

// submodule is the mode of an entry that names a commit of another repository.
const submodule = "160000"

// log writes the objects of every commit. Of a merge, these are the ones that none
// of its parents has.
func (l lister) log(ctx context.Context, r *repository) error {
	args := []string{
		"log", "--all", "--reflog", "--topo-order", "--reverse", "--full-history", "--raw", "-z", "--no-abbrev", "--no-renames", "--relative",
		"--diff-merges=combined", "--no-show-signature", "--no-color", "--format=%H",
	}
	if !r.whole {
		args = append(args, "--", ".")
	}
	log, err := start(command(ctx, r.folder, args...))
	if err != nil {
		return err
	}
	from, commit := bufio.NewReaderSize(log, 64<<10), ""
	for {
		token, err := from.ReadString(0)
		if err != nil {
			break
		}
		token = strings.Trim(token, "\n\x00")
		if !strings.HasPrefix(token, ":") {
			if token != "" {
				commit = token
				l.commits.Add(1)
				err = l.want(commit, commit, "")
			}
		} else {
			err = l.entry(token, commit, from)
		}
		if err != nil {
			_, _ = io.Copy(io.Discard, from)
			return errors.Join(err, log.wait())
		}
	}
	return log.wait()
}

// entry writes the object of a raw entry: colons, modes, names of objects and a
// letter; the mode and the object before the letter are the new ones. Its path
// follows.
func (l lister) entry(token, commit string, from *bufio.Reader) error {
	path, err := from.ReadString(0)
	if err != nil {
		return errBroken
	}
	parents := len(token) - len(strings.TrimLeft(token, ":"))
	fields := strings.Fields(token[parents:])
	if len(fields) != 2*(parents+1)+1 {
		return fmt.Errorf("%w: an entry of %d fields", errBroken, len(fields))
	}
	if fields[parents] == submodule {
		return nil
	}
	return l.want(fields[2*parents+1], commit, strings.TrimSuffix(path, "\x00"))
}
