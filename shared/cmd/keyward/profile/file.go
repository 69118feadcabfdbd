package profile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/keyward/keyward/shared/cmd/keyward/failure"
)

// replace writes a file that only its owner can read, all or nothing. A symbolic
// link in its place is replaced; what it points to stays.
func replace(path string, content []byte) (err error) {
	folder := filepath.Dir(path)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	temporary, err := os.CreateTemp(folder, ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name())
		}
	}()
	_, err = temporary.Write(content)
	if err == nil {
		err = temporary.Sync()
	}
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}

// maxSecret is more than any credential has.
const maxSecret = 64 << 10

// readPrivate reads a file that must belong to the user and be open to nobody else.
// It follows no symbolic link, and checks the file that it has opened. For a missing
// file, the error is [fs.ErrNotExist].
func readPrivate(path string) ([]byte, error) {
	unusable := func(why any) ([]byte, error) {
		return nil, failure.SignInf("the credential in %s is not used, because %v: sign in again with keyward login", path, why)
	}
	file, err := openPrivate(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, err
	case err != nil:
		return unusable(withoutPath(err))
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return unusable(withoutPath(err))
	}
	if why := exposed(info); why != "" {
		return unusable(why)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSecret))
	if err != nil {
		return unusable(withoutPath(err))
	}
	return text, nil
}
