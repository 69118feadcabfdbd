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
	writeMillion   = 0.625        // writes of up to 1 kB, on demand
	readMillion    = 0.125        // strongly consistent reads of up to 4 kB, on demand
	logGB          = 0.50         // written to CloudWatch Logs
	restMillion    = 3.50         // requests to a REST API
	httpMillion    = 1.00         // requests to an HTTP API
	authorizerGB   = 512.0 / 1024 // its memory, in GB
	functionGB     = 256.0 / 1024 // another function's
)

// Assumptions about traffic and times. A process that serves a hundred requests
// a second counts as one.
const (
	keys      = 100.0 // sharing an organization, a service and a policy
	perSecond = 1.0   // requests of each key
	hitMS     = 1.0   // billed for a cached decision: less, rounded up
	missMS    = 10.0  // billed for an uncached one: assumed, not measured
	logBytes  = 350.0 // logged by Lambda itself for an invocation

	// The uses of a key are written at most once in usesEvery seconds: a day's item,
	// and then the last use in an invocation of its own, with the key and the old one
	// read.
	usesEvery = 300.0
	useUnits  = 2.0 + 4.0
	useReads  = 2.0
	recordMS  = 20.0 // assumed

	// A key in the listing, in kB, and how many rounds of notices a day look at it.
	keyKB  = 1.0
	rounds = 4.0
)

// Bill is the cost of a million verifications.
type Bill struct {
	// Invocations are the authorizer's, Reads those from DynamoDB, and Writes those
	// of what keys were used for, in millions.
	Invocations, Reads, Writes float64
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
	b := Bill{Invocations: asked, Reads: asked * (key + 3*shared), Writes: asked * missed(rate, usesEvery)}
	seconds := (key*missMS + (1-key)*hitMS) / 1000
	b.Lambda = asked*(lambdaMillion+1e6*seconds*authorizerGB*lambdaGBSecond) + b.Writes*(lambdaMillion+1e6*recordMS/1000*functionGB*lambdaGBSecond)
	b.DynamoDB = b.Reads*readMillion + b.Writes*(useUnits*writeMillion+useReads*readMillion)
	b.Logs = (asked + b.Writes) * 1e6 * logBytes / 1e9 * logGB
	return b
}

// missed returns the share of requests that miss a cache: requests come at a
// rate per second, and entries live for ttl seconds.
func missed(rate, ttl float64) float64 { return 1 / (1 + rate*ttl) }

// Table returns the cost of a million verifications at each setting, in
// Markdown.
func Table() string {
	var out strings.Builder
	out.WriteString("| gateway TTL | `cacheTtlSeconds` | a revocation takes | authorizer runs | reads | writes | Lambda | DynamoDB | logs | all | with a REST API | with an HTTP API |\n")
	out.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, gateway := range []float64{0, 300} {
		for _, memory := range []float64{0, 5, 300} {
			b := Million(gateway, memory)
			fmt.Fprintf(&out, "| %.0f s | %.0f s | %.0f s | %.0f | %.0f | %.0f | $%.3f | $%.3f | $%.3f | $%.2f | $%.2f | $%.2f |\n",
				gateway, memory, gateway+memory, 1e6*b.Invocations, 1e6*b.Reads, 1e6*b.Writes,
				b.Lambda, b.DynamoDB, b.Logs, b.Total(), b.Total()+restMillion, b.Total()+httpMillion)
		}
	}
	return out.String()
}

// Notices says what looking for keys that expire or are not used costs a day, for
// so many keys of which each could be stale.
func Notices(keys float64) string {
	listed, lastUses := keys*keyKB/4/2, keys // the listing is read eventually consistently, at half the price
	reads := rounds * (listed + lastUses)
	return fmt.Sprintf("**Notices** of keys that expire or are not used read all keys four times a day, in pages of the listing, and the last use of each key that is old enough to be stale. "+
		"For %.0f such keys, that is %.0f reads and %.2f USD a day.", keys, reads, reads/1e6*readMillion)
}
