package operations

// Seconds is a duration that a deployment may choose, in whole seconds: its
// default, minimum and maximum.
type Seconds struct{ Default, Least, Most int }

var (
	// CacheTTL is the range of [EnvCacheTTL].
	CacheTTL = Seconds{Default: 5, Least: 0, Most: 300}
	// PepperMaxAge is the range of [EnvPepperMaxAge].
	PepperMaxAge = Seconds{Default: 900, Least: 1, Most: 3600}
	// UsageInterval is the range of [EnvUsageInterval]. Deployments have the default.
	UsageInterval = Seconds{Default: 300, Least: 1, Most: 300}
)
