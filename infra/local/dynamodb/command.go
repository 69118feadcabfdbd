package dynamodb

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/keyward/keyward/infra/local/port"
)

// arguments returns the arguments of java. With the compiler's first tier only
// and a small heap, it starts and answers sooner on the few requests of a test
// or a developer.
func arguments(dataDir string, port int) ([]string, error) {
	args := []string{
		"-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m",
		"-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar",
		"-port", strconv.Itoa(port), "-sharedDb", "-disableTelemetry",
	}
	if dataDir == "" {
		return append(args, "-inMemory"), nil
	}
	dir, err := filepath.Abs(dataDir)
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("make the data folder of DynamoDB Local: %w", err)
	}
	return append(args, "-dbPath", dir), nil
}

// claimPort returns a free port, or an error if the wanted one is taken.
// DynamoDB Local would report that as a page of stack trace.
func claimPort(wanted int) (int, error) {
	listener, err := port.Listen("", wanted)
	if err != nil {
		return 0, fmt.Errorf("port %d is taken: choose another for DynamoDB Local", wanted)
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}

// head keeps the beginning of an output for the error of a failed start.
type head struct{ kept bytes.Buffer }

const keptOutput = 4096

func (h *head) Write(p []byte) (int, error) {
	h.kept.Write(p[:min(len(p), keptOutput-h.kept.Len())])
	return len(p), nil
}
