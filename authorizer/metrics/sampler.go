package metrics

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
)

// linesPerSecond is how many refusals, and how many failures, a process logs per
// second.
const linesPerSecond = 10

// maxHashed is how many bytes of a credential are hashed: more than API Gateway
// lets through.
const maxHashed = 16 << 10

// sampler admits a fixed number per second and counts the rest.
type sampler struct {
	mu       sync.Mutex
	second   int64
	admitted int
	leftOut  uint64
}

func (s *sampler) admit(second int64) (admitted bool, leftOut uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if second != s.second {
		s.second, s.admitted = second, 0
	}
	if s.admitted >= linesPerSecond {
		s.leftOut++
		return false, 0
	}
	s.admitted++
	leftOut, s.leftOut = s.leftOut, 0
	return true, leftOut
}

// Fingerprint returns what the log may hold of a credential: the first 12
// hexadecimal digits of its SHA-256, which show whether two are equal. It hashes
// the header's values in order, at most 16 KiB of each. Without values, it
// returns "".
func Fingerprint(values []string) string {
	if len(values) == 0 {
		return ""
	}
	hash := sha256.New()
	for _, value := range values[:min(len(values), 2)] {
		hash.Write([]byte(value[:min(len(value), maxHashed)]))
	}
	return hex.EncodeToString(hash.Sum(nil))[:12]
}
