package operations

// EnvMetrics is whether the authorizer writes metrics: "on", the default, or
// "off".
const EnvMetrics = "KEYWARD_METRICS"

// Switch is how an environment variable says that something is on or off.
func Switch(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
