package canonical

import (
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/uuid"
)

// Reference is the id of another resource, in a request.
type Reference uuid.UUID

// UnmarshalText parses an id. Its error is for the caller.
func (r *Reference) UnmarshalText(text []byte) error {
	id, err := uuid.Parse(string(text))
	if err != nil {
		return errors.New("must be an id: a version 4 UUID")
	}
	*r = Reference(id)
	return nil
}

// Moment is a time in a request, truncated to the whole seconds that are stored.
type Moment time.Time

// UnmarshalText parses a time as [ParseTime] does. Its error is for the caller.
func (m *Moment) UnmarshalText(text []byte) error {
	t, err := ParseTime(string(text))
	if err != nil {
		return err
	}
	*m = Moment(t.Truncate(time.Second))
	return nil
}

// ParseTime parses an RFC 3339 time with any offset and any fraction of a
// second. It returns the time in UTC, truncated to the milliseconds that records
// keep. The year in UTC must be from 1970 to 9999, which every store and every
// reader can write. Its error is for the caller.
func ParseTime(text string) (time.Time, error) {
	var t time.Time
	err := t.UnmarshalText([]byte(text))
	t = t.UTC()
	// Go accepts a comma as the decimal point; RFC 3339 does not.
	if err != nil || strings.Contains(text, ",") || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, errors.New(`must be an RFC 3339 time from 1970 to 9999, such as "2030-01-02T15:04:05Z"`)
	}
	return t.Truncate(time.Millisecond), nil
}

// Time returns a time as the Polaris document writes it: RFC 3339 in UTC, with
// milliseconds but without their trailing zeros. The zero time gives "".
func Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Truncate(time.Millisecond).Format("2006-01-02T15:04:05.999Z")
}

// Address returns an address in wire form; empty if it is unknown.
func Address(address netip.Addr) string {
	if !address.IsValid() {
		return ""
	}
	return address.String()
}

// Addresses returns a key's address rules as text.
func Addresses(prefixes []netip.Prefix) []string {
	var texts []string
	for _, prefix := range prefixes {
		texts = append(texts, apikey.AddressText(prefix))
	}
	return texts
}
