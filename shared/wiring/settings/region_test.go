package settings_test

import (
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
	"github.com/keyward/keyward/shared/wiring/settings"
)

// The home region is a region's name or empty. Anything else is a fault that
// names the variable, because it would become part of a host name.
func TestHomeRegion(t *testing.T) {
	op, _ := operations.Find("whoami")
	for text, good := range map[string]bool{
		"": true, "eu-central-1": true, "us-gov-west-1": true, "eusc-de-east-1": true,
		"europe": false, "EU-central-1": false, "eu-central-1.example.com": false, "eu-central-1/": false, "-eu-1": false, "eu-central-1\n": false,
	} {
		values := complete()
		values[operations.EnvHomeRegion] = text
		s, err := settings.Read(op, environment(values))
		if (err == nil) != good || good && s.HomeRegion != text || err != nil && !strings.Contains(err.Error(), operations.EnvHomeRegion) {
			t.Errorf("%q: %q, %v", text, s.HomeRegion, err)
		}
	}
}

// The authorizer uses its own region's tables, whatever its environment says.
func TestAuthorizerHasNoHome(t *testing.T) {
	values := complete()
	values[operations.EnvHomeRegion] = "us-east-1"
	if s, err := settings.Read(operations.Authorizer, environment(values)); err != nil || s.HomeRegion != "" {
		t.Errorf("home %q, %v", s.HomeRegion, err)
	}
}

// Replicas are regions with the names of their tables, or none. Anything else is
// a fault that names the variable.
func TestReplicas(t *testing.T) {
	op, _ := operations.Find("get-apikey-propagation")
	for text, want := range map[string]int{
		"": 0, "eu-west-1=keyward": 1, "eu-west-1=keyward,us-gov-west-1=other": 2,
		"eu-west-1": -1, "eu-west-1=": -1, "=keyward": -1, "eu-west-1=a,eu-west-1=b": -1, "eu-west-1=a,": -1, "EU=a": -1, "eu-west-1.x=a": -1, " eu-west-1=a": -1,
	} {
		values := complete()
		values[operations.EnvReplicas] = text
		s, err := settings.Read(op, environment(values))
		if (err == nil) != (want >= 0) || want >= 0 && len(s.Replicas) != want || err != nil && !strings.Contains(err.Error(), operations.EnvReplicas) {
			t.Errorf("%q: %v, %v", text, s.Replicas, err)
		}
	}
}
