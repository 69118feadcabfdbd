package dynamodb

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/keyward/keyward/infra/local/await"
	sdynamo "github.com/keyward/keyward/shared/dynamo"
)

var names = sdynamo.Names{Table: "main-table", Audit: "audit-table", Secrets: "secrets-table"}

// A killed server that restarts on the same port and folder still has its
// tables. Creating them again is harmless. Done reports each end.
func TestOutageAndRecovery(t *testing.T) {
	var said bytes.Buffer
	opts := Options{DataDir: t.TempDir() + "/not there yet", Output: &said}
	first := start(t, opts)
	if err := CreateTables(t.Context(), Client(first.URL), names); err != nil {
		t.Fatal(err)
	}
	first.Kill()
	wantEnded(t, first)

	opts.Port = first.Port
	second := start(t, opts)
	if second.URL != first.URL {
		t.Errorf("%s was followed by %s", first.URL, second.URL)
	}
	client := Client(second.URL)
	tables, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{})
	if err != nil || strings.Join(tables.TableNames, " ") != "audit-table main-table secrets-table" {
		t.Errorf("tables %v, error %v", tables, err)
	}
	if err := CreateTables(t.Context(), client, names); err != nil {
		t.Error(err)
	}
	second.Stop()
	second.Stop()
	wantEnded(t, second)
	if !strings.Contains(said.String(), "DynamoDB Local") {
		t.Errorf("the output is %q", said.String())
	}
}

func start(t *testing.T, opts Options) *Server {
	t.Helper()
	server, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Kill)
	return server
}

func wantEnded(t *testing.T, server *Server) {
	t.Helper()
	select {
	case <-server.Done():
	default:
		t.Error("the server has not ended")
	}
	if _, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "http://")); err == nil {
		t.Error("the port still answers")
	}
}

// No server outlives the process that started it, even if that is killed.
func TestServerDiesWithItsParent(t *testing.T) {
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), asParent+"=1")
	output, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var port int
	_, err = fmt.Fscan(output, &port)
	_ = parent.Process.Kill()
	_ = parent.Wait()
	if err != nil {
		t.Fatalf("the server did not start: %v", err)
	}
	await.Until(t, "the server's port answers no more", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	})
}

// fakeJava returns a PATH whose java is recent enough and runs script instead of
// DynamoDB Local.
func fakeJava(t *testing.T, script string) string {
	t.Helper()
	dir := t.TempDir()
	script = "#!/bin/sh\nif [ \"$1\" = -version ]; then echo 'version \"17\"'; exit; fi\n" + script + "\n"
	if err := os.WriteFile(dir+"/java", []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir + ":" + os.Getenv("PATH")
}

// onWrite is called at each write.
type onWrite func()

func (f onWrite) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

// A taken port, an impossible folder, a missing Java, and a slow or failed start
// each give one line that says so, and leave no server.
func TestStartFails(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	late, cancel := context.WithCancel(t.Context())
	defer cancel()
	for name, test := range map[string]struct {
		ctx  context.Context
		opts Options
		path string
		want string
	}{
		"port":   {t.Context(), Options{Port: taken.Addr().(*net.TCPAddr).Port}, os.Getenv("PATH"), "is taken"},
		"folder": {t.Context(), Options{DataDir: "/dev/null/data"}, os.Getenv("PATH"), "data folder"},
		"java":   {t.Context(), Options{}, t.TempDir(), "install Java 17"},
		"time":   {late, Options{Output: onWrite(cancel)}, fakeJava(t, "echo begun; exec sleep 60"), "did not answer"},
		"crash":  {t.Context(), Options{}, fakeJava(t, "echo out of luck; echo more >&2; exit 3"), "ended at once; out of luck"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", test.path)
			server, err := Start(test.ctx, test.opts)
			if err == nil {
				server.Kill()
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line with %q", err, test.want)
			}
		})
	}
}

// Java 17 is the minimum, whatever a vendor's Java calls itself.
func TestCheckJava(t *testing.T) {
	for said, want := range map[string]string{
		`openjdk version "17.0.15" 2025-04-15`:                                       "",
		`openjdk version "25" 2025-09-16`:                                            "",
		"Picked up _JAVA_OPTIONS: -Xmx1g\n" + `java version "21.0.1" 2023-10-17 LTS`: "",
		`openjdk version "16.0.2" 2021-07-20`:                                        "this Java is version 16",
		`java version "1.8.0_401"`:                                                   "this Java is version 1",
		"The operation couldn't be completed. Unable to locate a Java Runtime.":      "names no version",
	} {
		err := checkJava([]byte(said))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", said, err, want)
		}
	}
}

// A table has the schema's key and index. Every error is reported, except that
// the table already exists.
func TestCreateTablesFails(t *testing.T) {
	client := Client("http://127.0.0.1:1", func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	err := CreateTables(t.Context(), client, names)
	if err == nil || !strings.Contains(err.Error(), "create the table main-table") {
		t.Errorf("error %v", err)
	}
}
