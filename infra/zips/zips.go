package main

import (
	"archive/zip"
	"bytes"
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

// sums is the file of checksums, in the format of sha256sum -c.
const sums = "SHA256SUMS"

// oldest is the earliest time that a zip can store. All files have it, because
// the time of a build is not part of the output.
var oldest = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// archive is a function as uploaded. Sizes are in bytes.
type archive struct {
	function     string
	binary, size int
	// origin identifies what the zip is made from. sum is the zip's checksum.
	origin, sum [sha256.Size]byte
}

// pack zips dist/lambda/NAME/bootstrap into dist/zips/NAME.zip for every
// program, and writes the checksums beside them. It keeps a zip that was made
// from the same program. It tells progress how many it makes, before it makes
// them. It deletes other leftovers of earlier runs.
func pack(from, to string, progress io.Writer) ([]archive, error) {
	binaries, err := filepath.Glob(filepath.Join(from, "[a-z]*", "bootstrap")) // not .built, the source of links
	if err != nil {
		return nil, err
	}
	if len(binaries) == 0 {
		return nil, fmt.Errorf("there is no program in %s: run make lambda first", from)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return nil, err
	}
	made, err := readOrigins(to)
	if err != nil {
		return nil, err
	}
	archives, changed, err := made.find(binaries, to)
	if err != nil {
		return nil, err
	}
	if changed > 0 {
		_, _ = fmt.Fprintf(progress, "keyward: packing %d of %d programs, about a second each\n", changed, len(archives))
	}
	for i := range archives {
		if archives[i].size > 0 {
			continue
		}
		if err := archives[i].make(binaries[i], to); err != nil {
			return nil, fmt.Errorf("zip %s: %w", binaries[i], err)
		}
	}
	return archives, errors.Join(finish(archives, to), writeOrigins(archives, to))
}

// finish writes the checksums, and deletes files that belong to no function.
func finish(archives []archive, to string) error {
	var list strings.Builder
	keep := map[string]bool{sums: true, origins: true}
	for _, a := range archives {
		keep[a.function+".zip"] = true
		fmt.Fprintf(&list, "%s  %s.zip\n", hex.EncodeToString(a.sum[:]), a.function)
	}
	found, err := os.ReadDir(to)
	for _, entry := range found {
		if !keep[entry.Name()] {
			err = errors.Join(err, os.RemoveAll(filepath.Join(to, entry.Name())))
		}
	}
	return errors.Join(err, os.WriteFile(filepath.Join(to, sums), []byte(list.String()), 0o644))
}

// make creates the zip of a function.
func (a *archive) make(binary, to string) error {
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	if err := write(&packed, program); err != nil {
		return err
	}
	a.size, a.sum = packed.Len(), sha256.Sum256(packed.Bytes())
	return os.WriteFile(filepath.Join(to, a.function+".zip"), packed.Bytes(), 0o644)
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
