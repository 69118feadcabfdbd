// Package cost says what verifying costs, from AWS's public prices and stated
// assumptions. A test holds the table in infra/README.md equal to it.
package cost

import (
	"fmt"
	"strings"
)

// The prices are in US dollars, of us-east-1 as of November 2026, without free
// tiers and discounts for much use.
const (
	lambdaMillion  = 0.20         // requests
	lambdaGBSecond = 0.0000133334 // arm64
	readMillion    = 0.125        // strongly consistent reads of up to 4 kB, on demand
	logGB          = 0.50         // written to CloudWatch Logs
	restMillion    = 3.50         // requests to a REST API
	httpMillion    = 1.00         // requests to an HTTP API
	authorizerGB   = 512.0 / 1024 // its memory, in GB
)

// What is assumed of the traffic, and of times. A process that serves a hundred
// requests a second is about one.
const (
	keys      = 100.0 // that share an organization, a service and a policy
	perSecond = 1.0   // requests of each key
	hitMS     = 1.0   // billed for a decision from memory: less, rounded up
	missMS    = 10.0  // billed for one that reads: assumed, not measured
	logBytes  = 350.0 // that Lambda itself logs of an invocation
)

// Bill is what a million verifications cost.
type Bill struct {
	// Invocations are the authorizer's, Reads those of DynamoDB, both in
	// millions.
	Invocations, Reads float64
	// Lambda, DynamoDB and Logs are in dollars. What the guarded API itself
	// costs comes on top.
	Lambda, DynamoDB, Logs float64
}

// Total is the whole of the bill, in dollars.
func (b Bill) Total() float64 { return b.Lambda + b.DynamoDB + b.Logs }

// Million is the bill of a million verifications where the gateway keeps answers
// and the authorizer keeps records for so many seconds.
func Million(gatewayTTL, memoryTTL float64) Bill {
	asked := missed(perSecond, gatewayTTL)
	rate := perSecond * asked
	// The key's own record, and the service's, the policy's and the status of the
	// organization.
	key, shared := missed(rate, memoryTTL), missed(keys*rate, memoryTTL)
	b := Bill{Invocations: asked, Reads: asked * (key + 3*shared)}
	seconds := (key*missMS + (1-key)*hitMS) / 1000
	b.Lambda = asked * (lambdaMillion + 1e6*seconds*authorizerGB*lambdaGBSecond)
	b.DynamoDB = b.Reads * readMillion
	b.Logs = asked * 1e6 * logBytes / 1e9 * logGB
	return b
}

// missed is the share of requests that find nothing kept, where they come at a
// rate a second and what is found is kept for a time.
func missed(rate, ttl float64) float64 { return 1 / (1 + rate*ttl) }

// Table is what a million verifications cost at each setting, in Markdown.
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
