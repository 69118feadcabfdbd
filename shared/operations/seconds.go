package operations

// Seconds is a time that a deployment may choose, in whole seconds: what it is
// where nothing is set, and the least and the most that it can be.
type Seconds struct{ Default, Least, Most int }

var (
	// CacheTTL is what [EnvCacheTTL] may say.
	CacheTTL = Seconds{Default: 5, Least: 0, Most: 300}
	// PepperMaxAge is what [EnvPepperMaxAge] may say.
	PepperMaxAge = Seconds{Default: 900, Least: 1, Most: 3600}
)
