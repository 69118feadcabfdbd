package dynamo_test

import (
	crand "crypto/rand"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"testing"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/apikeytest/actors"
	"github.com/keyward/keyward/shared/dynamo"
)

// The rules hold on DynamoDB as in memory, against actors whose calls interrupt
// each other. Each call has the same outcome. KEYWARD_ACTORS_DYNAMODB sets how
// many episodes are run (default 100).
func TestActors(t *testing.T) {
	operations := 100
	if text := os.Getenv("KEYWARD_ACTORS_DYNAMODB"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			t.Fatalf("KEYWARD_ACTORS_DYNAMODB is %q: set it to a whole number from 1", text)
		}
		operations = n
	}
	config := actors.Config{
		Seed: rand.Uint64(), Operations: operations,
		NewStore: func() apikey.Store { return dynamo.New(dynamodb.Client(server.URL), newTables(t)) },
		// Random, because the database may still recognize an audit record's id
		// from another test.
		Entropy: func(uint64) io.Reader { return crand.Reader },
	}
	stored, err := actors.Run(t.Context(), config)
	t.Logf("seed %d: %v", config.Seed, stored)
	if err != nil {
		t.Fatal(err)
	}
	config.NewStore = func() apikey.Store { return apikeytest.NewStore() }
	kept, err := actors.Run(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(stored, kept) {
		t.Errorf("on DynamoDB %v %v %v\nin memory %v %v %v", stored, stored.Done, stored.Refused, kept, kept.Done, kept.Refused)
	}
}
