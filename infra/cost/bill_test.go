// Package cost computes the cost of verification from AWS's public prices and
// stated assumptions. A test compares the table in infra/README.md with it.
package cost

import (
	"fmt"
	"strings"
)

// Prices in US dollars, for us-east-1 in November 2026, without free tiers and
// volume discounts.
const (
	lambdaMillion  = 0.20         // requests
	lambdaGBSecond = 0.0000133334 // arm64
	readMillion    = 0.125        // strongly consistent reads of up to 4 kB, on demand
	logGB          = 0.50         // written to CloudWatch Logs
	restMillion    = 3.50         // requests to a REST API
	httpMillion    = 1.00         // requests to an HTTP API
	authorizerGB   = 512.0 / 1024 // its memory, in GB
)

// Assumptions about traffic and times. A process that serves a hundred requests
// a second counts as one.
const (
	keys      = 100.0 // sharing an organization, a service and a policy
	perSecond = 1.0   // requests of each key
	hitMS     = 1.0   // billed for a cached decision: less, rounded up
	missMS    = 10.0  // billed for an uncached one: assumed, not measured
	logBytes  = 350.0 // logged by Lambda itself for an invocation
)

// Bill is the cost of a million verifications.
type Bill struct {
	// Invocations are the authorizer's, Reads those from DynamoDB, in millions.
	Invocations, Reads float64
	// Lambda, DynamoDB and Logs are in dollars. The guarded API's own cost is
	// extra.
	Lambda, DynamoDB, Logs float64
}

// Total returns the sum of the bill, in dollars.
func (b Bill) Total() float64 { return b.Lambda + b.DynamoDB + b.Logs }

// Million returns the bill of a million verifications. The gateway caches
// answers, and the authorizer records, for so many seconds.
func Million(gatewayTTL, memoryTTL float64) Bill {
	asked := missed(perSecond, gatewayTTL)
	rate := perSecond * asked
	// key is the misses of the key's own record; shared, those of each of three:
	// the service, the policy and the organization's status.
	key, shared := missed(rate, memoryTTL), missed(keys*rate, memoryTTL)
	b := Bill{Invocations: asked, Reads: asked * (key + 3*shared)}
	seconds := (key*missMS + (1-key)*hitMS) / 1000
	b.Lambda = asked * (lambdaMillion + 1e6*seconds*authorizerGB*lambdaGBSecond)
	b.DynamoDB = b.Reads * readMillion
	b.Logs = asked * 1e6 * logBytes / 1e9 * logGB
	return b
}

// missed returns the share of requests that miss a cache: requests come at a
// rate per second, and entries live for ttl seconds.
func missed(rate, ttl float64) float64 { return 1 / (1 + rate*ttl) }

// Table returns the cost of a million verifications at each setting, in
// Markdown.
func Table() string {
	var out strings.Builder
	out.WriteString("| gateway TTL | `cacheTtlSeconds` | a revocation takes | authorizer runs | reads | Lambda | DynamoDB | logs | all | with a REST API | with an HTTP API |\n")
	out.WriteString("|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, gateway := range []float64{0, 300} {
		for _, memory := range []float64{0, 5, 300} {
			b := Million(gateway, memory)
			fmt.Fprintf(&out, "| %.0f s | %.0f s | %.0f s | %.0f | %.0f | $%.3f | $%.3f | $%.3f | $%.2f | $%.2f | $%.2f |\n",
				gateway, memory, gateway+memory, 1e6*b.Invocations, 1e6*b.Reads,
				b.Lambda, b.DynamoDB, b.Logs, b.Total(), b.Total()+restMillion, b.Total()+httpMillion)
		}
	}
	return out.String()
}
