package bubble

import (
	"context"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// A client gets its answer, is refused by an unknown host, and waits for a
// silent server for exactly its timeout.
func TestNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := New(t)
		n.Serve("good.test", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
		n.Serve("silent.test", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		client := &http.Client{Transport: &http.Transport{}, Timeout: time.Hour}
		n.On(client)
		for url, want := range map[string]time.Duration{"http://good.test": 0, "http://nobody.test": 0, "http://silent.test": time.Hour} {
			began := time.Now()
			request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.Do(request)
			if took := time.Since(began).Truncate(time.Microsecond); took != want || (err == nil) != (url == "http://good.test") {
				t.Errorf("%s: %v after %s, want %s", url, err, took, want)
			}
			if err == nil {
				_ = response.Body.Close()
			}
		}
		if n.Dials() != 3 {
			t.Errorf("%d connections were asked for", n.Dials())
		}
	})
}
