package token

import "time"

// usualLimit is the limit in production.
var usualLimit = fetchLimit

// The issuer is a real server, which a loaded machine can make slow.
func init() { fetchLimit = time.Minute }
