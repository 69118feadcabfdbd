package dynamodb

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// file is an entry of an archive.
type file struct {
	name, content string
	kind          byte
}

func pack(t *testing.T, files ...file) []byte {
	t.Helper()
	var packed bytes.Buffer
	zipper := gzip.NewWriter(&packed)
	writer := tar.NewWriter(zipper)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Typeflag: f.kind, Size: int64(len(f.content)), Mode: 0o777, Linkname: "/etc/passwd"}
		if f.kind != tar.TypeReg {
			header.Size = 0
		}
		if err := writer.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(writer, f.content[:header.Size]); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zipper.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func integrityOf(packed []byte) string {
	sum := sha512.Sum512(packed)
	return "sha512-" + base64.StdEncoding.EncodeToString(sum[:])
}

// fakeNPM replaces npm with one that hands out packed, or fails. It returns a
// function that gives the arguments of its call.
func fakeNPM(t *testing.T, packed []byte, fails bool) (called string) {
	t.Helper()
	dir := t.TempDir()
	called = filepath.Join(dir, "called")
	script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>%s\ncp %s/archive \"$4/%s\"\n", called, dir, archive)
	if fails {
		script = "#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\necho 'npm error more' >&2\nexit 1\n"
	}
	for name, content := range map[string]string{"npm": script, "archive": string(packed)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	return called
}

// entries returns the names in a folder.
func entries(t *testing.T, dir string) string {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range found {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

// npm downloads the archive once, with a progress message. Afterwards the cache
// holds only the emulator, and needs neither npm nor a network.
func TestFetchOnce(t *testing.T) {
	packed := pack(t, file{"package/emulator/lib/a.jar", "A", tar.TypeReg}, file{"package/index.js", "no", tar.TypeReg})
	called := fakeNPM(t, packed, false)
	cache := filepath.Join(t.TempDir(), "new", "cache")
	for range 2 {
		var progress bytes.Buffer
		emulator, err := fetch(t.Context(), cache, integrityOf(packed), &progress)
		if err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(filepath.Join(emulator, "lib", "a.jar"))
		if string(content) != "A" || err != nil {
			t.Errorf("content %q, error %v", content, err)
		}
		if first := progress.String() != ""; first != strings.HasPrefix(progress.String(), "fetching DynamoDB Local (57 MB") {
			t.Errorf("progress %q", progress.String())
		}
	}
	arguments, err := os.ReadFile(called)
	if err != nil || strings.Count(string(arguments), "\n") != 1 || !strings.HasPrefix(string(arguments), "pack amplify-dynamodb-simulator@2.9.30 --pack-destination ") {
		t.Errorf("npm was called with %q, error %v", arguments, err)
	}
	if got := entries(t, cache); got != "emulator" {
		t.Errorf("the cache holds %s", got)
	}
}

// An archive in the cache is used without npm.
func TestFetchFromCache(t *testing.T) {
	packed := pack(t, file{"package/emulator/a", "A", tar.TypeReg})
	cache := t.TempDir()
	if err := os.WriteFile(filepath.Join(cache, archive), packed, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", "")
	if _, err := fetch(t.Context(), cache, integrityOf(packed), io.Discard); err != nil {
		t.Fatal(err)
	}
}

// Concurrent fetches all succeed and leave one emulator.
func TestFetchAtOnce(t *testing.T) {
	packed := pack(t, file{"package/emulator/a", "A", tar.TypeReg})
	fakeNPM(t, packed, false)
	cache := t.TempDir()
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := fetch(t.Context(), cache, integrityOf(packed), io.Discard); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := entries(t, cache); got != "emulator" {
		t.Errorf("the cache holds %s", got)
	}
}

// A failed download, or one of another file, gives one line that says what to
// do. It leaves nothing that a later run could mistake for the emulator.
func TestFetchFails(t *testing.T) {
	good := pack(t, file{"package/emulator/a", "A", tar.TypeReg})
	empty := pack(t, file{"package/other/a", "A", tar.TypeReg})
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, test := range map[string]struct {
		ctx          context.Context
		npm          func(*testing.T)
		integrity    string
		want, advice string
	}{
		"no npm":     {t.Context(), func(t *testing.T) { t.Setenv("PATH", "") }, "", "npm is missing", "install Node.js"},
		"npm fails":  {t.Context(), func(t *testing.T) { fakeNPM(t, nil, true) }, "", "ENOTFOUND", "check the network"},
		"cancelled":  {cancelled, func(t *testing.T) { fakeNPM(t, good, false) }, "", "canceled", "check the network"},
		"other file": {t.Context(), func(t *testing.T) { fakeNPM(t, good, false) }, integrity, "not the file that was pinned", "delete it"},
		"cut short":  {t.Context(), func(t *testing.T) { fakeNPM(t, good[:60], false) }, integrityOf(good[:60]), "unpack", "EOF"},
		"no content": {t.Context(), func(t *testing.T) { fakeNPM(t, empty, false) }, integrityOf(empty), "unpack", "no file under"},
	} {
		t.Run(name, func(t *testing.T) {
			test.npm(t)
			cache := t.TempDir()
			_, err := fetch(test.ctx, cache, test.integrity, io.Discard)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range []string{test.want, test.advice} {
				if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("error %q, want one line with %q", err, want)
				}
			}
			if got := entries(t, cache); got != "" {
				t.Errorf("the cache holds %s", got)
			}
		})
	}
}

// Nothing from an archive is written outside its target folder. Links, which
// could lead outside, are not created.
func TestExtractStaysInside(t *testing.T) {
	for _, name := range []string{"package/emulator/../../../outside", "/outside", "package/emulator/..", "../outside"} {
		dir := t.TempDir()
		inner := filepath.Join(dir, "a", "b")
		good := file{"package/emulator/a", "A", tar.TypeReg}
		err := extract(bytes.NewReader(pack(t, good, file{name, "evil", tar.TypeReg})), inner)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := entries(t, dir) + "/" + entries(t, inner); got != "a/a" {
			t.Errorf("%s: %s", name, got)
		}
	}
	dir := t.TempDir()
	link := file{"package/emulator/link", "", tar.TypeSymlink}
	if err := extract(bytes.NewReader(pack(t, link, file{"package/emulator/a", "A", tar.TypeReg})), dir); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, dir); got != "a" {
		t.Errorf("unpacked %s", got)
	}
	through := file{"package/emulator/a/b", "", tar.TypeReg}
	if err := extract(bytes.NewReader(pack(t, file{"package/emulator/a", "A", tar.TypeReg}, through)), t.TempDir()); err == nil {
		t.Error("a file was taken for a folder")
	}
}
