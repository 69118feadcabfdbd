package profile

import (
	"fmt"
	"io"
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
// It follows no symbolic link, and checks the file that it has opened.
func readPrivate(path string) ([]byte, error) {
	file, err := openPrivate(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if why := exposed(info); why != "" {
		return nil, failure.Usagef("the credential in %s is not used, because %s: sign in again with keyward login", path, why)
	}
	text, err := io.ReadAll(io.LimitReader(file, maxSecret))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, withoutPath(err))
	}
	return text, nil
}
