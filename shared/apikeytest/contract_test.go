package apikeytest_test

import (
	"testing"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/apikeytest"
)

// The store in memory keeps the contract of every store.
func TestContract(t *testing.T) {
	apikeytest.Contract(t, func(*testing.T) (apikey.Store, apikeytest.AuditReader) {
		store := apikeytest.NewStore()
		return store, store
	})
}
