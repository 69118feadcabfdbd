package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
)

// cost counts DynamoDB calls, the periods of waiting for calls one after the
// other, and the records that the calls name.
type cost struct{ waits, calls, records int }

// counter is a proxy in front of DynamoDB that counts the calls that a decision
// waits for.
type counter struct {
	*httptest.Server

	mu      sync.Mutex
	running int
	spent   cost
}

func newCounter(target string) (*counter, error) {
	behind, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	c := &counter{}
	proxy := httputil.NewSingleHostReverseProxy(behind)
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		// The uses of keys are written after the answer: nobody waits for them.
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".UpdateItem") {
			c.begin(body)
			defer c.end()
		}
		proxy.ServeHTTP(w, r)
	}))
	return c, nil
}

// begin counts a call. A call that begins while another runs does not count as a
// separate wait.
func (c *counter) begin(body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running == 0 {
		c.spent.waits++
	}
	c.running++
	c.spent.calls++
	c.spent.records += named(body)
}

func (c *counter) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
}

// take returns the cost since the last take.
func (c *counter) take() cost {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := c.spent
	c.spent = cost{}
	return taken
}

// named returns how many records a call names: the number in a batch, one for
// any other call.
func named(body []byte) int {
	var call struct {
		RequestItems map[string]struct{ Keys []json.RawMessage }
	}
	if err := json.Unmarshal(body, &call); err != nil || call.RequestItems == nil {
		return 1
	}
	records := 0
	for _, table := range call.RequestItems {
		records += len(table.Keys)
	}
	return records
}
