package dynamodb

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// asParent makes this binary start a server, print its port and wait.
const asParent = "KEYWARD_TEST_START_DYNAMODB"

func TestMain(m *testing.M) {
	if os.Getenv(asParent) == "" {
		os.Exit(m.Run())
	}
	server, err := Start(context.Background(), Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(server.Port)
	<-server.Done()
}
