package gateway

import (
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/keyward/keyward/shared/verify"
)

// answerSize is enough for most answers, in bytes.
const answerSize = 640

// appendAuthorized starts an answer of the shapes that have a boolean decision.
func appendAuthorized(into []byte, d *verify.Decision, rest string) []byte {
	if d.Outcome == verify.Allowed {
		return append(append(into, `{"isAuthorized":true`...), rest...)
	}
	return append(append(into, `{"isAuthorized":false`...), rest...)
}

// appendContext appends the context of a decision, which package identity
// parses. Every value is a string, because the gateways pass nothing else. If
// the request is allowed, the context tells the guarded API who the caller is. A
// missing value is empty: a caller with an access token has no key, and a
// service key has no user. Only a default user is marked as one, and only
// secrets after a key's first are numbered. If the request is refused, the context
// holds the code for a gateway response.
func appendContext(into []byte, d *verify.Decision) []byte {
	if d.Outcome != verify.Allowed {
		return append(appendString(append(into, `{"code":`...), string(d.Code)), '}')
	}
	into = appendString(append(into, `{"orgId":`...), string(d.Identity.Org))
	into = appendID(append(into, `,"keyId":"`...), d.Identity.KeyID)
	into = appendString(append(into, `","keyType":`...), string(d.Identity.KeyType))
	into = appendID(append(into, `,"userId":"`...), d.Identity.UserID)
	if d.Identity.ByDefault {
		into = append(into, `","userByDefault":"true`...)
	}
	if d.Use.Generation > 1 {
		into = strconv.AppendInt(append(into, `","keyGeneration":"`...), int64(d.Use.Generation), 10)
	}
	into = appendPermissions(append(into, `","permissions":"`...), d.Identity.Permissions)
	return append(into, `"}`...)
}

// appendID appends an id in the format of its String method.
func appendID(into []byte, id [16]byte) []byte {
	if id == [16]byte{} {
		return into
	}
	begin := 0
	for _, end := range []int{4, 6, 8, 10, 16} {
		if begin > 0 {
			into = append(into, '-')
		}
		into = hex.AppendEncode(into, id[begin:end])
		begin = end
	}
	return into
}

// appendString appends a JSON string, encoded as encoding/json does.
func appendString(into []byte, text string) []byte {
	return append(appendText(append(into, '"'), text), '"')
}

// appendText appends the content of a JSON string, without the quotation marks.
func appendText(into []byte, text string) []byte {
	if !hasSpecial(text) {
		return append(into, text...)
	}
	encoded, err := json.Marshal(text)
	if err != nil {
		panic("gateway: a string is not JSON: " + err.Error())
	}
	return append(into, encoded[1:len(encoded)-1]...)
}

// hasSpecial reports whether a text has a byte that needs an escape or a check
// of its UTF-8 in a JSON string.
func hasSpecial[T string | []byte](text T) bool {
	for i := range len(text) {
		if special[text[i]] {
			return true
		}
	}
	return false
}

// special marks those bytes: non-ASCII ones, and those that encoding/json escapes
// for JSON or HTML.
var special = func() (is [256]bool) {
	for b := range is {
		is[b] = b < ' ' || b >= 0x7f || strings.ContainsRune("\"\\<>&", rune(b))
	}
	return is
}()
