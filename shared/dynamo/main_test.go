package dynamo_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"github.com/keyward/keyward/infra/local/dynamodb"
	"github.com/keyward/keyward/shared/apikeytest"
	"github.com/keyward/keyward/shared/dynamo"
)

// server is the one DynamoDB Local of this package's tests.
var server *dynamodb.Server

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(func() int {
		if flag.Lookup("test.fuzz").Value.String() != "" {
			return m.Run() // fuzzing runs in several processes, and none of them needs a database
		}
		var err error
		if server, err = dynamodb.Start(context.Background(), dynamodb.Options{Progress: os.Stderr}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer server.Stop()
		dynamo.BePatient()
		return m.Run()
	}())
}

var tables atomic.Int32

// newTables creates tables that no other test uses.
func newTables(t *testing.T) dynamo.Names {
	t.Helper()
	n := tables.Add(1)
	names := dynamo.Names{Table: fmt.Sprintf("table-%d", n), Audit: fmt.Sprintf("audit-%d", n), Secrets: fmt.Sprintf("secrets-%d", n), Usage: fmt.Sprintf("usage-%d", n)}
	if err := dynamodb.CreateTables(t.Context(), dynamodb.Client(server.URL), names); err != nil {
		t.Fatal(err)
	}
	return names
}

// The store on DynamoDB passes the contract of every store.
func TestContract(t *testing.T) {
	apikeytest.Contract(t, func(t *testing.T) apikeytest.Subject {
		return newSubject(t, dynamodb.Client(server.URL))
	})
}
