package gateway

import "encoding/json"

// hostName is the text of an event's member which is passed over where nobody
// needs it, so that it costs nothing there.
type hostName struct {
	needed bool
	text   string
}

// UnmarshalJSON reads a JSON string, or null.
func (h *hostName) UnmarshalJSON(value []byte) error {
	if !h.needed {
		return nil
	}
	return json.Unmarshal(value, &h.text)
}

// needsHost reports whether a decider wants to know host names: each does that
// does not say otherwise, as [verify.Verifier] can.
func needsHost(d Decider) bool {
	choosy, ok := d.(interface{ NeedsHost() bool })
	return !ok || choosy.NeedsHost()
}
