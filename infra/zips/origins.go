package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// origins is the file that records what each zip was made from.
const origins = ".origins.json"

// record maps each origin to the checksum of its zip, both in hex. The origin
// covers the program and the packer, because another Go release may compress
// differently.
type record map[string]string

// readOrigins returns the record of the last run. If it is missing or
// unreadable, everything is packed again.
func readOrigins(folder string) (record, error) {
	text, err := os.ReadFile(filepath.Join(folder, origins))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var made record
	if json.Unmarshal(text, &made) != nil {
		return nil, nil
	}
	return made, nil
}

// find returns every function with its origin, and with its zip if that exists
// unchanged. changed counts the others.
func (r record) find(binaries []string, to string) (archives []archive, changed int, err error) {
	packer, err := packerSum()
	if err != nil {
		return nil, 0, err
	}
	for _, binary := range binaries {
		program, err := os.ReadFile(binary)
		if err != nil {
			return nil, 0, err
		}
		a := archive{function: filepath.Base(filepath.Dir(binary)), binary: len(program)}
		of := sha256.Sum256(program)
		a.origin = sha256.Sum256(append(packer[:], of[:]...))
		// An unreadable zip is made again.
		if zipped, err := os.ReadFile(filepath.Join(to, a.function+".zip")); err == nil {
			if sum := sha256.Sum256(zipped); r[hex.EncodeToString(a.origin[:])] == hex.EncodeToString(sum[:]) {
				a.size, a.sum = len(zipped), sum
			}
		}
		if a.size == 0 {
			changed++
		}
		archives = append(archives, a)
	}
	return archives, changed, nil
}

// packerSum returns the checksum of this program.
func packerSum() (sum [sha256.Size]byte, err error) {
	name, err := os.Executable()
	if err != nil {
		return sum, err
	}
	program, err := os.ReadFile(name)
	return sha256.Sum256(program), err
}

// writeOrigins saves the record for the next run.
func writeOrigins(archives []archive, folder string) error {
	made := record{}
	for _, a := range archives {
		made[hex.EncodeToString(a.origin[:])] = hex.EncodeToString(a.sum[:])
	}
	text, err := json.Marshal(made)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, origins), text, 0o644)
}
