// Package environment gives the programs that the authorizer is compared with
// the same clients.
package environment

import (
	"log"
	"os"
	"time"

	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/wiring/clients"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// The additional variables that name the item to read.
const (
	PartitionKey = "BENCH_PARTITION_KEY"
	SortKey      = "BENCH_SORT_KEY"
)

// Clients returns the authorizer's clients. It ends the process if the
// environment is faulty.
func Clients() (*clients.Clients, settings.Settings) {
	s, err := settings.Read(operations.Authorizer, os.LookupEnv)
	if err != nil {
		log.Fatal(err)
	}
	return clients.New(s, clients.Limits{Attempt: time.Second, Attempts: 2}), s
}
