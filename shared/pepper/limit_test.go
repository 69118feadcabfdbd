package pepper

import "time"

// The KMS stand-in is a real server, which a loaded machine can make slow.
func init() { loadTimeout = time.Minute }
