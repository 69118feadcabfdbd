package operations

// EnvMetrics says whether the authorizer writes metrics: "on", the default, or
// "off".
const EnvMetrics = "KEYWARD_METRICS"

// Switch returns "on" or "off", for an environment variable.
func Switch(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
