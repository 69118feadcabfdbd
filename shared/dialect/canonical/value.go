package canonical

import (
	"errors"
	"net/netip"
	"time"

	"github.com/keyward/keyward/shared/keytext"
)

// Reference is the id of something else, in a request.
type Reference keytext.ID

// UnmarshalText reads an id. Its error is for the caller.
func (r *Reference) UnmarshalText(text []byte) error {
	id, err := keytext.ParseID(string(text))
	if err != nil {
		return errors.New("must be an id: a version 4 UUID in lower case")
	}
	*r = Reference(id)
	return nil
}

// Moment is a time in a request, in whole seconds.
type Moment time.Time

// UnmarshalText reads a time. Its error is for the caller.
func (m *Moment) UnmarshalText(text []byte) error {
	var t time.Time
	if err := t.UnmarshalText(text); err != nil || t.Nanosecond() != 0 || t.Year() < 1970 {
		return errors.New(`must be a time in whole seconds, as RFC 3339 writes it, such as "2030-01-02T15:04:05Z"`)
	}
	*m = Moment(t.UTC())
	return nil
}

// Time is a time as the Polaris document writes it: RFC 3339 in UTC, with
// milliseconds, less their trailing zeros. The zero time is "".
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.999Z")
}

// Addresses are a key's rules as text: a single address as such, a range with
// its length.
func Addresses(prefixes []netip.Prefix) []string {
	var texts []string
	for _, prefix := range prefixes {
		if prefix.IsSingleIP() {
			texts = append(texts, prefix.Addr().String())
		} else {
			texts = append(texts, prefix.String())
		}
	}
	return texts
}
