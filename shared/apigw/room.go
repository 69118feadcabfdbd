package apigw

import (
	"fmt"
	"strings"
)

// maxAnswer is the maximum size of a body in the function's response, in bytes.
// Lambda allows 6 MB with headers; API Gateway would allow 10 MB.
//
// A page holds what one DynamoDB query reads, which ends with the item that
// reaches 1 MB: at most 1.4 MB. Encoding makes at most four bytes of one: a
// quote is escaped in the body, and both characters are escaped again when the
// body becomes a JSON string. So a page stays below the limit; one that exceeds
// it is a bug and is reported as such.
const maxAnswer = 6<<20 - 64<<10

// room returns how many bytes a body takes in the function's response, as a JSON
// string.
func room(body string) int {
	escaped := strings.Count(body, `"`) + strings.Count(body, `\`)
	separators := strings.Count(body, "\u2028") + strings.Count(body, "\u2029")
	return len(`""`) + len(body) + escaped + separators*(len(`\u2028`)-len("\u2028"))
}

// fits returns an error for a body that Lambda would refuse.
func fits(body string) error {
	if size := room(body); size > maxAnswer {
		return fmt.Errorf("the answer takes %d bytes, of %d", size, maxAnswer)
	}
	return nil
}
