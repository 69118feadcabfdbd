// Command functions is every operation in one program, which is built, packed and
// uploaded once for all of them: they would differ in a name alone. Lambda's
// setting "handler" says which operation a function is.
//
// Each folder below has the entry point of one operation by itself, for a
// deployment that wants to give that one a program of its own.
package main

import (
	"os"

	"github.com/keyward/keyward/shared/wiring"
)

func main() {
	// Lambda sets _HANDLER to the function's handler, as it is configured.
	wiring.Start(os.Getenv("_HANDLER"))
}
