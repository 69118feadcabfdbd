package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/keyward/keyward/infra/local/demo"
	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/shared/dialect/canonical"
	"github.com/keyward/keyward/shared/routing"
)

// adminKeyName is the name of the first admin key.
const adminKeyName = "Admin"

// bootstrap creates the demo organization with the real function and finds the
// admin key: a new one, or the one that the data folder keeps. If the folder has
// lost it, bootstrap creates another.
func (s *Stack) bootstrap(ctx context.Context) error {
	key, err := s.invokeBootstrap(ctx, adminKeyName)
	if err == nil && key == "" {
		if key, err = s.keptAdminKey(); err == nil && key == "" {
			key, err = s.invokeBootstrap(ctx, adminKeyName+" "+time.Now().UTC().Format(time.DateTime))
		}
	}
	if err == nil && key == "" {
		err = errors.New("there is no admin key: choose an empty DATA_DIR")
	}
	if err != nil {
		return err
	}
	s.AdminKey = key
	return s.keepAdminKey()
}

// invokeBootstrap returns the admin key's text, or "" if a key of that name
// existed.
func (s *Stack) invokeBootstrap(ctx context.Context, adminKey string) (string, error) {
	setup := demo.Setup(Account, adminKey)
	for i := range setup.Services {
		setup.Services[i].GatewayCache = s.gatewayCache()
	}
	event, err := json.Marshal(setup)
	if err != nil {
		return "", fmt.Errorf("write the bootstrap event: %w", err)
	}
	answer, err := s.Runtime.Invoke(ctx, "bootstrap", event)
	if err != nil {
		return "", fmt.Errorf("the bootstrap function failed: %w", err)
	}
	var result canonical.SetupResult
	if err := json.Unmarshal(answer, &result); err != nil {
		return "", errors.New("the bootstrap function's answer is not what it should be")
	}
	if result.AdminKey == nil {
		return "", nil
	}
	return string(result.AdminKey.Text), nil
}

// gatewayCache returns the cache settings of the demo service.
func (s *Stack) gatewayCache() *canonical.GatewayCache {
	said := &canonical.GatewayCache{Seconds: int(s.options.GatewayTTL / time.Second), By: []string{}}
	names := map[gateway.Source]routing.CacheKey{gateway.RouteSource: routing.ByRoute, gateway.AddressSource: routing.BySource, gateway.HostSource: routing.ByHost}
	for _, source := range s.options.IdentitySources {
		said.By = append(said.By, string(names[source]))
	}
	return said
}

const adminKeyFile = "admin-key"

func (s *Stack) keptAdminKey() (string, error) {
	path := s.inDataDir(adminKeyFile)
	if path == "" {
		return "", nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the admin key: %w", err)
	}
	return string(text), nil
}

func (s *Stack) keepAdminKey() error {
	path := s.inDataDir(adminKeyFile)
	if path == "" {
		return nil
	}
	if err := os.WriteFile(path, []byte(s.AdminKey), 0o600); err != nil {
		return fmt.Errorf("keep the admin key: %w", err)
	}
	return nil
}
