package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// functionLog writes the logs of the functions and the gateway to a file, and
// shows what looks like an error.
type functionLog struct {
	path string
	show io.Writer

	mu   sync.Mutex
	file *os.File
}

func openLog(path string, show io.Writer) (*functionLog, error) {
	if err := makeFolder(path); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the functions' log: %w", err)
	}
	return &functionLog{path: path, show: show, file: file}, nil
}

// line logs one line of a source.
func (l *functionLog) line(source, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.file, "%s %s %s\n", time.Now().UTC().Format("15:04:05.000"), source, text)
	if isError(source, text) {
		_, _ = fmt.Fprintf(l.show, "%s: %s\n", source, text)
	}
}

// refusal is the suffix of the Lambda library's line about an authorizer's 401,
// which is a normal answer.
const refusal = `{"errorMessage":"Unauthorized","errorType":"errorString"}`

// isError reports whether a line is JSON of level ERROR, or not JSON at all,
// such as a function's panic. The gateway's lines never count; they only give
// the reason for a refusal.
func isError(source, text string) bool {
	if source == "gateway" || strings.HasSuffix(text, refusal) {
		return false
	}
	var record struct{ Level string }
	return json.Unmarshal([]byte(text), &record) != nil || record.Level == "ERROR"
}

func (l *functionLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.file.Close()
}
