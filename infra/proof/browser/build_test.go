package browser

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keyward/keyward/functions/get-console/web"
)

// sources is the folder of the console's sources.
const sources = "../../../functions/get-console/web"

// mostFirst is how much of the console a browser loads before the first page
// shows, compressed.
const mostFirst = 50_000

// npm runs one of the console's scripts, or fails the test with what it said.
func npm(t *testing.T, script string, arguments ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "npm", append([]string{"run", "--silent", script, "--"}, arguments...)...)
	command.Dir = sources
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("npm run %s: %v\n%s", script, err, output)
	}
}

func filesOf(t *testing.T, folder fs.FS) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(folder, name)
		found[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// The committed files are what the sources build, byte for byte. They contain no
// path of a machine.
func TestBuiltFilesAreFresh(t *testing.T) {
	folder := t.TempDir()
	npm(t, "build", "--logLevel", "error", "--outDir", folder)
	built, committed := filesOf(t, os.DirFS(folder)), filesOf(t, web.Files())
	for name, text := range built {
		if committed[name] != text {
			t.Errorf("%s is not what is built: run make console", name)
		}
	}
	here, err := filepath.Abs(sources)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range committed {
		if _, known := built[name]; !known {
			t.Errorf("%s is not built any more: run make console", name)
		}
		if strings.Contains(text, here) || strings.Contains(text, "node_modules") {
			t.Errorf("%s contains a path", name)
		}
	}
}

// The first page is small: the entry, its styles, and the scripts that it needs.
func TestFirstPageIsSmall(t *testing.T) {
	files := filesOf(t, web.Files())
	total := 0
	for name, text := range files {
		if name != "index.html" && !strings.Contains(files["index.html"], name) {
			continue
		}
		var packed bytes.Buffer
		writer := gzip.NewWriter(&packed)
		if _, err := writer.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := writer.Close(); err != nil {
			t.Fatal(err)
		}
		total += packed.Len()
		t.Logf("%s: %d bytes, %d compressed", name, len(text), packed.Len())
	}
	if total == 0 || total > mostFirst {
		t.Errorf("the first page is %d bytes, compressed, of at most %d", total, mostFirst)
	}
	t.Logf("the first page: %d bytes, compressed", total)
}

// The types fit, and the units do what they should.
func TestSources(t *testing.T) {
	npm(t, "types")
	npm(t, "check")
	npm(t, "test")
}

var registry = regexp.MustCompile(`https?://`)

// What npm ci installs for the console and the TypeScript client is held by its hash,
// from whatever registry, and nothing that is installed runs by itself.
func TestPackageLock(t *testing.T) {
	for _, folder := range []string{sources, "../../../shared/client/typescript"} {
		text, err := os.ReadFile(filepath.Join(folder, "package-lock.json"))
		if err != nil {
			t.Fatal(err)
		}
		var held struct {
			Packages map[string]struct{ Integrity, Resolved string }
		}
		if err := json.Unmarshal(text, &held); err != nil {
			t.Fatal(err)
		}
		for path, p := range held.Packages {
			if path != "" && !strings.HasPrefix(p.Integrity, "sha512-") || p.Resolved != "" {
				t.Errorf("%s: %s: integrity %q, resolved %q", folder, path, p.Integrity, p.Resolved)
			}
		}
		config, err := os.ReadFile(filepath.Join(folder, ".npmrc"))
		if err != nil || !strings.Contains(string(config), "ignore-scripts=true") || registry.Match(config) {
			t.Errorf("%s: %v, %s", folder, err, config)
		}
	}
}
