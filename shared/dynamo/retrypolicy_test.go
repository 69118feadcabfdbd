package dynamo

import "time"

// The retry policies of production.
var usual = [2]retryPolicy{readRetries, writeRetries}

// BePatient lets each call, and each try of it, take a minute: what a real engine
// answers in a test does not depend on the machine's speed.
func BePatient() {
	for _, p := range []*retryPolicy{&readRetries, &writeRetries} {
		p.total, p.attempt = time.Minute, time.Minute
	}
}

// BeUsual brings production's patience back, for tests that hold it; undo ends
// that.
func BeUsual() (undo func()) {
	readRetries, writeRetries = usual[0], usual[1]
	return BePatient
}
