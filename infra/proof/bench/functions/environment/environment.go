// Package environment gives the functions that the authorizer is measured
// against the same clients as the authorizer's.
package environment

import (
	"log"
	"os"
	"time"

	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/wiring/clients"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// The variables, besides the authorizer's, that name the item to be read.
const (
	PartitionKey = "BENCH_PARTITION_KEY"
	SortKey      = "BENCH_SORT_KEY"
)

// Clients makes the authorizer's clients, and ends the process where its
// environment is at fault.
func Clients() (*clients.Clients, settings.Settings) {
	s, err := settings.Read(operations.Authorizer, os.LookupEnv)
	if err != nil {
		log.Fatal(err)
	}
	return clients.New(s, clients.Limits{Attempt: time.Second, Attempts: 2}), s
}
