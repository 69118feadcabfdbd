package metrics

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// namespace is the metrics' CloudWatch namespace. dimension is the dimension
// that distinguishes deployments.
const (
	namespace = "Keyward"
	dimension = "FunctionName"
)

// metadata and its parts have the names that the format prescribes.
type metadata struct {
	// Timestamp is in milliseconds since 1970.
	Timestamp         int64
	CloudWatchMetrics []directive
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct{ Name, Unit string }

// flush writes what was counted since the last line, if anything, and resets the
// counters. It omits zero counts, because CloudWatch charges for each metric
// that is sent.
func (m *Meter) flush(at int64) {
	line := map[string]any{}
	told := directive{Namespace: namespace, Dimensions: [][]string{{}}}
	tell := func(name, unit string, value any) {
		line[name] = value
		told.Metrics = append(told.Metrics, metric{name, unit})
	}
	count := func(name string, n uint64) {
		if n > 0 {
			tell(name, "Count", n)
		}
	}
	count("Allowed", m.allowed.Swap(0))
	count("Failure", m.failures.Swap(0))
	count("KMSFailures", m.kmsFailures.Swap(0))
	// An alarm can sum at most ten metrics, so the sum is sent too.
	refusals := uint64(0)
	for _, code := range slices.Sorted(maps.Keys(m.refused)) {
		n := m.refused[code].Swap(0)
		refusals += n
		count("Refused."+string(code), n)
	}
	count("Refusals", refusals)
	count("CacheHits", m.hits.Swap(0))
	count("CacheMisses", m.misses.Swap(0))
	spread := func(name string, values []int64) {
		if len(values) > 0 {
			tell(name, "Microseconds", values)
		}
	}
	spread("DynamoDBLatency", m.store.take())
	spread("KMSLatency", m.kms.take())
	if len(told.Metrics) == 0 {
		return
	}
	if m.function != "" {
		told.Dimensions = [][]string{{dimension}}
		line[dimension] = m.function
	}
	line["_aws"] = metadata{time.Unix(0, at).UnixMilli(), []directive{told}}
	// Errors are ignored: no answer depends on a metric.
	if text, err := json.Marshal(line); err == nil {
		_, _ = m.out.Write(append(text, '\n'))
	}
}
