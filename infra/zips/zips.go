package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sums is the file of checksums, in the format of sha256sum -c.
const sums = "SHA256SUMS"

// oldest is the earliest time that a zip can store. All files have it, because
// the time of a build is not part of the output.
var oldest = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive is a function as uploaded. Sizes are in bytes.
type archive struct {
	function     string
	binary, size int
	sum          [sha256.Size]byte
}

// pack zips dist/lambda/NAME/bootstrap into dist/zips/NAME.zip for every
// program, and writes the checksums beside them. It tells progress how many it
// makes. It deletes what an earlier run has left.
func pack(from, to string, progress io.Writer) ([]archive, error) {
	binaries, err := filepath.Glob(filepath.Join(from, "[a-z]*", "bootstrap")) // not .built, the source of links
	if err != nil {
		return nil, err
	}
	if len(binaries) == 0 {
		return nil, fmt.Errorf("there is no program in %s: run make lambda first", from)
	}
	if err := errors.Join(os.RemoveAll(to), os.MkdirAll(to, 0o755)); err != nil {
		return nil, err
	}
	_, _ = fmt.Fprintf(progress, "keyward: packing %d programs, about a second each\n", len(binaries))
	var archives []archive
	var list strings.Builder
	for _, binary := range binaries {
		a, err := zipped(binary, to)
		if err != nil {
			return nil, fmt.Errorf("zip %s: %w", binary, err)
		}
		archives = append(archives, a)
		fmt.Fprintf(&list, "%x  %s.zip\n", a.sum, a.function)
	}
	return archives, os.WriteFile(filepath.Join(to, sums), []byte(list.String()), 0o644)
}

// zipped creates the zip of a function.
func zipped(binary, to string) (archive, error) {
	program, err := os.ReadFile(binary)
	if err != nil {
		return archive{}, err
	}
	var packed bytes.Buffer
	if err := write(&packed, program); err != nil {
		return archive{}, err
	}
	a := archive{filepath.Base(filepath.Dir(binary)), len(program), packed.Len(), sha256.Sum256(packed.Bytes())}
	return a, os.WriteFile(filepath.Join(to, a.function+".zip"), packed.Bytes(), 0o644)
}

// write writes a zip of one program. Name, mode and time are fixed, and the
// compression does not depend on the machine.
func write(to io.Writer, program []byte) error {
	z := zip.NewWriter(to)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: oldest}
	header.SetMode(fs.FileMode(0o755))
	entry, err := z.CreateHeader(header)
	if err == nil {
		_, err = entry.Write(program)
	}
	return errors.Join(err, z.Close())
}
