package clients

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/keyward/keyward/infra/proof/stacktest"
)

// Each service of the guide about verifying keys, in Go, Node and Python, runs as
// printed, and lets pass and refuses whom the guide says.
func TestGuideServices(t *testing.T) {
	session := stacktest.Session(guide(t, "verify.md"))
	for _, service := range []struct {
		language, document string
		prepare            func(t *testing.T, source string) string
	}{
		{"go", "../../shared/client/README.md", goService},
		{"js", "../../shared/client/typescript/README.md", nodeService},
		{"python", "verify.md", pythonService},
	} {
		t.Run(service.language, func(t *testing.T) {
			_, rest, found := strings.Cut(guide(t, service.document), "```"+service.language+"\n")
			source, _, ended := strings.Cut(rest, "```\n")
			if !found || !ended {
				t.Fatalf("%s has no service in it", service.document)
			}
			start := service.prepare(t, source)
			stacktest.CheckSession(t, session, 15, func(script string) string {
				output, err := bash(t, `trap 'kill $service 2>/dev/null' EXIT; `+ownFiles(t, script), "SERVICE="+start, "PORT="+freePort(t))
				if err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
				return output
			})
		})
	}
}

// save writes a service's source into a folder of its own.
func save(t *testing.T, folder, name, source string) string {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// goService compiles the service against this module and returns what starts it.
func goService(t *testing.T, source string) string {
	folder := t.TempDir()
	program := filepath.Join(folder, "service")
	command := exec.CommandContext(t.Context(), "go", "build", "-o", program, save(t, folder, "main.go", source))
	command.Dir = "../../.."
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	return program
}

// nodeService puts the service beside the client, as npm install would.
func nodeService(t *testing.T, source string) string {
	build(t)
	folder := t.TempDir()
	sources, err := filepath.Abs(typescript)
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"@keyward/client": sources, "express": filepath.Join(sources, "node_modules/express")} {
		link := filepath.Join(folder, "node_modules", name)
		if err := os.MkdirAll(filepath.Dir(link), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, link); err != nil {
			t.Fatal(err)
		}
	}
	return "node " + save(t, folder, "service.mjs", source)
}

func pythonService(t *testing.T, source string) string {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Fatal("python3 is missing: install Python 3")
	}
	return "python3 " + save(t, t.TempDir(), "service.py", source)
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}
