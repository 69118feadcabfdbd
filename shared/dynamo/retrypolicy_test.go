package dynamo

import "time"

// The retry policies of production.
var usual = [2]retryPolicy{readRetries, writeRetries}

// BePatient gives each call, and each attempt, a minute, so that tests with a
// real engine do not depend on the machine's speed.
func BePatient() {
	for _, p := range []*retryPolicy{&readRetries, &writeRetries} {
		p.total, p.attempt = time.Minute, time.Minute
	}
}

// BeUsual restores production's retry policies, for tests of them. undo calls
// [BePatient].
func BeUsual() (undo func()) {
	readRetries, writeRetries = usual[0], usual[1]
	return BePatient
}
