// Command introspect is the Lambda function of POST /v1/introspect.
package main

import "github.com/keyward/keyward/shared/wiring"

func main() {
	wiring.Start("introspect")
}
