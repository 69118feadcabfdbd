package dynamodb

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxUnpacked is the maximum size of the unpacked archive: 512 MB.
const maxUnpacked = 512 << 20

// emulatorFolder is the only part of the package that is needed.
const emulatorFolder = "package/emulator"

// extract writes the regular files of the emulator's folder in a gzipped tar
// archive to dst. It skips links and devices. It returns an error if a name
// leads out of dst, or if the archive has no such file.
func extract(packed io.Reader, dst string) error {
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	files, left := tar.NewReader(unzipped), int64(maxUnpacked)
	found := false
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		name, inside := strings.CutPrefix(path.Clean(header.Name), emulatorFolder+"/")
		if !inside || header.Typeflag != tar.TypeReg {
			continue
		}
		if !filepath.IsLocal(name) {
			return fmt.Errorf("unsafe file name %q", header.Name)
		}
		if left -= header.Size; left < 0 {
			return errors.New("the archive is too large")
		}
		if err := writeFile(filepath.Join(dst, filepath.FromSlash(name)), files); err != nil {
			return err
		}
		found = true
	}
	if !found {
		return fmt.Errorf("no file under %s", emulatorFolder)
	}
	return nil
}

func writeFile(name string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	return errors.Join(err, file.Close())
}
