// Command generate rewrites the table of conformance tests. It runs in the
// folder of the tests.
package main

import (
	"log"
	"os"

	"github.com/keyward/keyward/infra/proof/conformance/table"
)

const readme = "README.md"

func main() {
	log.SetFlags(0)
	text, err := table.Markdown(".")
	if err != nil {
		log.Fatal(err)
	}
	document, err := os.ReadFile(readme)
	if err != nil {
		log.Fatal(err)
	}
	written, err := table.Replace(string(document), text)
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(readme, []byte(written), 0o644); err != nil { //nolint:gosec // a document is for everyone
		log.Fatal(err)
	}
}
