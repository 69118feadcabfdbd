package roles

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/keyward/keyward/infra/iam"
	"github.com/keyward/keyward/shared/operations"
)

// record is the set of calls made so far. It is safe for concurrent use.
type record struct {
	mu    sync.Mutex
	calls []iam.Call
	// requests is how many were made, by function.
	requests map[string]int
}

// Calls returns the kinds of calls that functions have made so far, including
// refused ones.
func (g *Guard) Calls() []iam.Call {
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	return slices.Clone(g.calls.calls)
}

// Requests returns how many requests to the tables and the keys a function has
// made so far.
func (g *Guard) Requests(function string) int {
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	return g.calls.requests[function]
}

// note records a request's needs. It keeps each kind of a context value once,
// sorted.
func (g *Guard) note(function string, needs []iam.Request) {
	var made []iam.Call
	for _, need := range needs {
		context := maps.Clone(need.Context)
		for key, values := range context {
			var kinds []string
			for _, value := range values {
				kinds = append(kinds, g.kind(key, value))
			}
			context[key] = slices.Compact(slices.Sorted(slices.Values(kinds)))
		}
		made = append(made, iam.Call{Function: function, Request: iam.Request{Action: need.Action, Resource: need.Resource, Context: context}})
	}
	g.calls.mu.Lock()
	defer g.calls.mu.Unlock()
	g.calls.calls = append(g.calls.calls, iam.Less(made, g.calls.calls)...)
	g.calls.requests[function]++
}

// kind replaces with a * whatever differs between calls, such as an id, or
// between deployments.
func (g *Guard) kind(key, value string) string {
	switch {
	case key == operations.LeadingKeys:
		if name, _, several := strings.Cut(value, "#"); several {
			return name + "#*"
		}
	case key == operations.ViaService:
		for _, region := range []string{g.config.Region, g.config.Other} {
			value = strings.Replace(value, "."+region+".", ".*.", 1)
		}
		return value
	case key == operations.ContextKey+"version", key == operations.ContextKey+"key",
		key == operations.ContextKey+"table" && value == g.config.Table:
		return "*"
	}
	return value
}
