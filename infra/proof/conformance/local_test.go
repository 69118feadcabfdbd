package conformance

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/keyward/keyward/shared/uuid"
)

// localCredentials are credentials that only the local parts accept.
func localCredentials(context.Context) (aws.Credentials, error) {
	return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
}

func newID(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := uuid.New(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
