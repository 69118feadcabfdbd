package guard_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/client/guard"
)

// aKey is the text of a key that the examples' Keyward knows.
const aKey = "kw_4WpwtQTEeQDrc49ZMJzP1u4MFKHVzTyCNI2S4XV216h1ukt1Gw4aPm9CmZEP005qPE"

// A service of a few lines: each route needs a permission, and knows who calls.
func Example() {
	keyward := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"valid": true, "keyId": "94d470ba-700e-4034-ad17-4326aa3493a2", "orgId": "demo", "type": "service", "permissions": ["ViewTables"], "ttlSeconds": 5}`)
	}))
	defer keyward.Close()

	c, err := client.New(keyward.URL, client.NewSecret("kw_ofthisservice")) // it needs VerifyApiKeys
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := guard.New(c, guard.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("GET /tables", g.Permission("ViewTables")(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := guard.Identity(r.Context())
		_, _ = fmt.Fprintln(w, "the tables of", caller.OrgID)
	})))

	for _, authorization := range []string{"Bearer " + aKey, "Bearer no key"} {
		r := httptest.NewRequest(http.MethodGet, "/tables", nil)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 200 text/plain; charset=utf-8
	// 401 application/problem+json
}
