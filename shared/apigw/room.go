package apigw

import (
	"fmt"
	"strings"
)

// maxAnswer is how many bytes a body may take up in what the function gives back.
// Lambda takes 6 MB of that, headers included; API Gateway would take 10 MB.
//
// A page of a list is made of what DynamoDB reads for one query, which ends with
// the item that makes 1 MB full: 1.4 MB. The worst that becomes of a byte is four:
// a quote is escaped in the body, and both characters are escaped once more where
// the body itself is a string. So a page stays below the bound; one that did not
// would be a fault of ours, and told as such.
const maxAnswer = 6<<20 - 64<<10

// room is how many bytes a body takes up in what the function gives back, as a
// string of JSON.
func room(body string) int {
	escaped := strings.Count(body, `"`) + strings.Count(body, `\`)
	separators := strings.Count(body, "\u2028") + strings.Count(body, "\u2029")
	return len(`""`) + len(body) + escaped + separators*(len(`\u2028`)-len("\u2028"))
}

// fits refuses a body that Lambda would not take.
func fits(body string) error {
	if size := room(body); size > maxAnswer {
		return fmt.Errorf("the answer takes %d bytes, of %d", size, maxAnswer)
	}
	return nil
}
