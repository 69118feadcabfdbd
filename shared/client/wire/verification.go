package wire

import "time"

// TTL returns how long the answer may be used, counted from when the question was
// sent.
func (v *Verification) TTL() time.Duration { return time.Duration(v.TTLSeconds) * time.Second }
