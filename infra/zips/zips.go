package main

import (
	"archive/zip"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// sums is the file of checksums, in the form that sha256sum -c reads.
const sums = "SHA256SUMS"

// oldest is the earliest time that a zip can hold. All files have it, since the
// time of a build is no part of what was built.
var oldest = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive is a function as it is uploaded. Sizes are in bytes.
type archive struct {
	function     string
	binary, size int
	sum          [sha256.Size]byte
}

// pack zips dist/lambda/NAME/bootstrap into dist/zips/NAME.zip for every
// function, and writes the checksums beside them. What an earlier run left is
// removed.
func pack(from, to string) ([]archive, error) {
	binaries, err := filepath.Glob(filepath.Join(from, "[a-z]*", "bootstrap")) // not .built, which make links from
	if err != nil {
		return nil, err
	}
	if len(binaries) == 0 {
		return nil, fmt.Errorf("there is no function in %s: run make lambda first", from)
	}
	if err := errors.Join(os.RemoveAll(to), os.MkdirAll(to, 0o755)); err != nil {
		return nil, err
	}
	var archives []archive
	var list strings.Builder
	for _, binary := range binaries {
		a, err := packOne(binary, to)
		if err != nil {
			return nil, fmt.Errorf("zip %s: %w", binary, err)
		}
		fmt.Fprintf(&list, "%s  %s.zip\n", hex.EncodeToString(a.sum[:]), a.function)
		archives = append(archives, a)
	}
	return archives, os.WriteFile(filepath.Join(to, sums), []byte(list.String()), 0o644)
}

func packOne(binary, to string) (archive, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return archive{}, err
	}
	a := archive{function: filepath.Base(filepath.Dir(binary)), binary: len(content)}
	file, err := os.Create(filepath.Join(to, a.function+".zip"))
	if err != nil {
		return archive{}, err
	}
	sum := sha256.New()
	written := &counter{}
	err = errors.Join(write(io.MultiWriter(file, sum, written), content), file.Close())
	a.size = written.n
	sum.Sum(a.sum[:0])
	return a, err
}

// write writes a zip of one program. Name, mode and time are fixed, and so is
// the compression, which nothing of the machine decides.
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

type counter struct{ n int }

func (c *counter) Write(p []byte) (int, error) {
	c.n += len(p)
	return len(p), nil
}
