package main

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/keyward/keyward/shared/operations"
)

// Without variables, a run has the defaults; variables override them.
func TestOptions(t *testing.T) {
	for _, c := range []struct {
		set         map[string]string
		port        int
		cacheTTL    string
		gatewayTTL  time.Duration
		concurrency int
		dataDir     string
	}{
		{nil, 3000, "5", 0, 1, ""},
		{map[string]string{"PORT": "0", "CACHE_TTL": "0", "GATEWAY_TTL": "300", "CONCURRENCY": "10", "DATA_DIR": "x"}, 0, "0", 5 * time.Minute, 10, "x"},
	} {
		got, err := command{getenv: func(name string) string { return c.set[name] }}.options()
		if err != nil {
			t.Fatal(err)
		}
		if got.Port != c.port || got.GatewayTTL != c.gatewayTTL || got.Concurrency != c.concurrency || got.DataDir != c.dataDir ||
			!maps.Equal(got.Environment, map[string]string{operations.EnvCacheTTL: c.cacheTTL}) {
			t.Errorf("%v: %+v", c.set, got)
		}
	}
}

// An invalid value is refused with the variable's name and its limits.
func TestBadOptions(t *testing.T) {
	for name, texts := range map[string][]string{
		"PORT": {"x", "-1", "65536", "3000 "}, "CACHE_TTL": {"-1", "301", "5s"}, "GATEWAY_TTL": {"-1", "3601", "1.5"}, "CONCURRENCY": {"0", "1001"},
	} {
		for _, text := range texts {
			_, err := command{getenv: func(asked string) string { return map[string]string{name: text}[asked] }}.options()
			if err == nil || !strings.HasPrefix(err.Error(), name+" is ") || !strings.Contains(err.Error(), " to ") {
				t.Errorf("%s=%s: %v", name, text, err)
			}
		}
	}
}
