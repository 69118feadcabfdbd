package dynamo

import "time"

// The patience of production.
var usual = [2]patience{reading, writing}

// BePatient lets each call, and each try of it, take a minute: what a real engine
// answers in a test does not depend on the machine's speed.
func BePatient() {
	for _, p := range []*patience{&reading, &writing} {
		p.total, p.attempt = time.Minute, time.Minute
	}
}

// BeUsual brings production's patience back, for tests that hold it; undo ends
// that.
func BeUsual() (undo func()) {
	reading, writing = usual[0], usual[1]
	return BePatient
}
