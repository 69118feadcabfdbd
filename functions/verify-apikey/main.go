// Command verify-apikey is the Lambda function of POST /v1/verify.
package main

import "github.com/keyward/keyward/shared/wiring"

func main() {
	wiring.Start("verify-apikey")
}
