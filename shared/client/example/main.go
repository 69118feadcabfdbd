// Command example is a service that Keyward guards, as the README shows it.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/keyward/keyward/shared/client"
	"github.com/keyward/keyward/shared/client/guard"
)

func main() {
	c, err := client.New(os.Getenv("KEYWARD_URL"), client.NewSecret(os.Getenv("KEYWARD_API_KEY")))
	if err != nil {
		log.Fatal(err)
	}
	g, err := guard.New(c, guard.Config{})
	if err != nil {
		log.Fatal(err)
	}
	tables := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, _ := guard.Identity(r.Context())
		_, _ = fmt.Fprintln(w, "the tables of", caller.OrgID)
	})
	http.Handle("GET /tables", g.Permission("ViewTables")(tables))
	log.Fatal(http.ListenAndServe("localhost:"+os.Getenv("PORT"), nil))
}
