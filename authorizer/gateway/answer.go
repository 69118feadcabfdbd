package gateway

import (
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/keyward/keyward/shared/verify"
)

// answerSize is the room in bytes that most answers need.
const answerSize = 1 << 10

// appendAuthorized begins an answer of the kinds that want a boolean.
func appendAuthorized(into []byte, d verify.Decision, rest string) []byte {
	if d.Outcome == verify.Allowed {
		return append(append(into, `{"isAuthorized":true`...), rest...)
	}
	return append(append(into, `{"isAuthorized":false`...), rest...)
}

// appendContext says what goes with a decision. Of a request that is allowed,
// the guarded API gets to know the caller. All are strings: the gateways pass
// nothing else. A caller with an access token has no key, and a service key no
// user: what there is not is empty. Only a user who is there by default is marked
// as one. Package identity reads all of it. Of a request that is not, a gateway
// response can say the code.
func appendContext(into []byte, d verify.Decision) []byte {
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
	into = appendPermissions(append(into, `","permissions":"`...), d.Identity.Permissions)
	return append(into, `"}`...)
}

// appendID writes an id as its String does.
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

// appendString writes a JSON string, as encoding/json does.
func appendString(into []byte, text string) []byte {
	return append(appendText(append(into, '"'), text), '"')
}

// appendText writes what stands in a JSON string.
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

// hasSpecial reports whether a text has a byte that may not stand in a JSON
// string as it is. A string is never invalid JSON for anything else.
func hasSpecial[T string | []byte](text T) bool {
	for i := range len(text) {
		if special[text[i]] {
			return true
		}
	}
	return false
}

// special are those bytes: what is no plain ASCII, what JSON itself uses, and
// what HTML does, as encoding/json has it.
var special = func() (is [256]bool) {
	for b := range is {
		is[b] = b < ' ' || b >= 0x7f || strings.ContainsRune("\"\\<>&", rune(b))
	}
	return is
}()
