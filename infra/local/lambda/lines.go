package lambda

import (
	"bytes"
	"sync"
)

// lines splits output into lines.
type lines struct {
	emit func(line string)
	mu   sync.Mutex
	rest []byte
}

// Write emits each complete line.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rest = append(l.rest, p...)
	for {
		line, rest, found := bytes.Cut(l.rest, []byte("\n"))
		if !found {
			return len(p), nil
		}
		l.emit(string(line))
		l.rest = rest
	}
}

// Close emits the last line if it is incomplete.
func (l *lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.emit(string(l.rest))
		l.rest = nil
	}
	return nil
}
