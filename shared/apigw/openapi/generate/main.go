// Command generate writes openapi.json into the folder that it runs in.
package main

import (
	"log"
	"os"

	"github.com/keyward/keyward/shared/apigw/openapi"
)

func main() {
	text, err := openapi.Document(os.DirFS("../../events"))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("openapi.json", text, 0o644); err != nil {
		log.Fatal(err)
	}
}
