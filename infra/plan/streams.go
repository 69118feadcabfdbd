package plan

// How a table's stream invokes a function, in every template. Lambda sends a
// batch again from the first change that failed. After StreamRetries, or if the
// change is older than StreamAgeSeconds, it drops the change into the queue for
// dead letters, and goes on.
const (
	// StreamBatch is how many changes one invocation gets, at most.
	StreamBatch      = 100
	StreamRetries    = 10
	StreamAgeSeconds = 6 * 60 * 60
	// DeadLetterSeconds is how long the queue keeps a dead letter: the maximum.
	DeadLetterSeconds = 14 * 24 * 60 * 60
)

// BusNamePattern is the name of a bus, and busPattern its name or ARN.
const (
	BusNamePattern = `^[A-Za-z0-9._-]{1,256}$`
	busPattern     = `^([A-Za-z0-9._-]{1,256}|arn:[a-z0-9-]+:events:[a-z0-9-]+:\d{12}:event-bus/[A-Za-z0-9._/-]{1,256})$`
)
