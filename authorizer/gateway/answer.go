package gateway

import (
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
// user: what there is not is empty. Permissions are parted by spaces. Of a
// request that is not, a gateway response can say the code.
func appendContext(into []byte, d verify.Decision) []byte {
	if d.Outcome != verify.Allowed {
		return append(appendString(append(into, `{"code":`...), string(d.Code)), '}')
	}
	into = appendString(append(into, `{"orgId":`...), string(d.Identity.Org))
	into = appendString(append(into, `,"keyId":`...), d.Identity.KeyID.String())
	into = appendString(append(into, `,"keyType":`...), string(d.Identity.KeyType))
	into = appendString(append(into, `,"userId":`...), d.Identity.UserID.String())
	into = append(into, `,"permissions":`...)
	if len(d.Identity.Permissions) == 1 {
		return append(appendString(into, d.Identity.Permissions[0]), '}')
	}
	return append(appendString(into, strings.Join(d.Identity.Permissions, " ")), '}')
}

// appendString writes a JSON string, as encoding/json does.
func appendString(into []byte, text string) []byte {
	if strings.ContainsFunc(text, isSpecial) {
		encoded, err := json.Marshal(text)
		if err != nil {
			panic("gateway: a string is not JSON: " + err.Error())
		}
		return append(into, encoded...)
	}
	return append(append(append(into, '"'), text...), '"')
}

// isSpecial reports whether a character may not stand in a JSON string as it
// is. A string is never invalid JSON for anything else.
func isSpecial(r rune) bool {
	return r < ' ' || r >= 0x7f || r == '"' || r == '\\' || r == '<' || r == '>' || r == '&'
}
