package lambda

import (
	"bytes"
	"sync"
)

// lines cuts what is written into lines.
type lines struct {
	emit func(line string)
	mu   sync.Mutex
	rest []byte
}

// Write emits each line that is whole.
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

// Close emits a last line that has no end.
func (l *lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.rest) > 0 {
		l.emit(string(l.rest))
		l.rest = nil
	}
	return nil
}
