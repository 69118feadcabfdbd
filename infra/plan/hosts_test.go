package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/keyward/keyward/shared/operations"
)

// A region has two names of its own, and two that it shares with all others. It
// has none if the owner creates them.
func TestHostNames(t *testing.T) {
	s := Settings{Domain: "example.com", HostedZoneID: "Z1"}
	var got []string
	for _, host := range s.HostNames("eu-central-1") {
		if host.Global == strings.Contains(host.Name, "eu-central-1") {
			t.Errorf("%+v", host)
		}
		got = append(got, host.Name)
	}
	want := []string{"api.example.com", "*.api.example.com", "eu-central-1.aws.api.example.com", "*.eu-central-1.aws.api.example.com"}
	if !slices.Equal(got, want) {
		t.Errorf("names %v, want %v", got, want)
	}
	for _, zone := range []string{"", NoZone} {
		s.HostedZoneID = zone
		if names := s.HostNames("eu-central-1"); names != nil {
			t.Errorf("zone %q: names %v", zone, names)
		}
	}
}

// The health path is public, and needs nothing that another region's outage
// could affect.
func TestHealthPath(t *testing.T) {
	for _, op := range operations.All() {
		if _, ok := op.Route("GET", HealthPath); ok {
			if !op.Public || len(op.Access) > 0 {
				t.Errorf("%s is not public, or has access", op.Name)
			}
			return
		}
	}
	t.Errorf("%s is no route", HealthPath)
}

// Health checkers are at least three regions of the same partition, or left to
// Route 53.
func TestHealthCheckers(t *testing.T) {
	for region, want := range map[string]int{"": 3, "eu-central-1": 3, "cn-north-1": 0, "us-gov-west-1": 0} {
		s := Settings{}
		if region != "" {
			s.Regions = []string{region}
		}
		if got := s.HealthCheckers(); len(got) != want {
			t.Errorf("%q: %v", region, got)
		}
	}
}
