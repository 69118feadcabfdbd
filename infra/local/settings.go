package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/keyward/keyward/infra/local/gateway"
	"github.com/keyward/keyward/infra/local/stack"
	"github.com/keyward/keyward/shared/operations"
)

// number is a setting of "run": a variable that holds a whole number.
type number struct {
	name         string
	usual        int
	least, most  int
	unit, remark string
}

// The settings. API Gateway caches an authorizer's answer for at most an hour.
var (
	port        = number{name: "PORT", usual: 3000, most: 65535, remark: " (0 takes any free port)"}
	cacheTTL    = number{name: "CACHE_TTL", usual: 5, most: 300, unit: " seconds"}
	gatewayTTL  = number{name: "GATEWAY_TTL", most: 3600, unit: " seconds"}
	concurrency = number{name: "CONCURRENCY", usual: 1, least: 1, most: 1000}
)

// options returns the stack's options from the environment, or the first fault.
func (c command) options() (stack.Options, error) {
	values := map[string]int{}
	for _, n := range []number{port, cacheTTL, gatewayTTL, concurrency} {
		value, err := n.read(c.getenv)
		if err != nil {
			return stack.Options{}, err
		}
		values[n.name] = value
	}
	return stack.Options{
		Root: c.root, Port: values[port.name], DataDir: c.getenv("DATA_DIR"), Progress: c.stdout,
		GatewayTTL:      time.Duration(values[gatewayTTL.name]) * time.Second,
		IdentitySources: []gateway.Source{gateway.RouteSource, gateway.AddressSource, gateway.HostSource}, Concurrency: values[concurrency.name],
		Environment: map[string]string{operations.EnvCacheTTL: strconv.Itoa(values[cacheTTL.name])},
	}, nil
}

func (n number) read(getenv func(string) string) (int, error) {
	text := getenv(n.name)
	if text == "" {
		return n.usual, nil
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < n.least || value > n.most {
		return 0, fmt.Errorf("%s is %q: want a whole number from %d to %d%s%s", n.name, text, n.least, n.most, n.unit, n.remark)
	}
	return value, nil
}
