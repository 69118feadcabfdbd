package token

import "time"

// usualLimit is production's.
var usualLimit = fetchLimit

// The issuer is real, and answers as fast as the machine lets it.
func init() { fetchLimit = time.Minute }
