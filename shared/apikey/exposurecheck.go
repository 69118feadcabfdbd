package apikey

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
)

// The longest source and URL of a report, in bytes.
const (
	maxExposureSource = 64
	maxExposureURL    = 1024
)

// exposureFaults returns the faults of reports. The fields of a report among
// several carry its position.
func exposureFaults(reports []ExposureReport) (faults []FieldError) {
	for i, report := range reports {
		within := ""
		if len(reports) > 1 {
			within = fmt.Sprintf("[%d].", i)
		}
		for _, fault := range report.faults() {
			fault.Field = within + fault.Field
			faults = append(faults, fault)
		}
	}
	return faults
}

func (r ExposureReport) faults() []FieldError {
	return append(r.sourceFaults(), r.urlFaults()...)
}

func (r ExposureReport) sourceFaults() []FieldError {
	switch faults := checkText("source", r.Source); {
	case len(faults) > 0:
		return faults
	case len(r.Source) > maxExposureSource:
		return []FieldError{{"source", FieldTooLong, fmt.Sprintf("source can have at most %d bytes of UTF-8.", maxExposureSource)}}
	case showsKey(r.Source):
		return []FieldError{{"source", FieldValue, "source must not contain the key. Say where it was found, such as pastebin."}}
	case isGitHub(r.Source) && !r.Signed:
		return []FieldError{{"source", FieldConflict, "Only reports that GitHub signed can name it as their source. Send another source, or none."}}
	}
	return nil
}

func (r ExposureReport) urlFaults() []FieldError {
	if r.URL == "" {
		return nil
	}
	if len(r.URL) > maxExposureURL {
		return []FieldError{{"url", FieldTooLong, fmt.Sprintf("url can have at most %d bytes.", maxExposureURL)}}
	}
	if faults := checkText("url", r.URL); len(faults) > 0 {
		return faults
	}
	at, err := url.Parse(r.URL)
	if err != nil || at.Scheme != "https" || at.Host == "" || at.User != nil || at.Opaque != "" || strings.ContainsAny(r.URL, " <>\"\\^`{|}") {
		return []FieldError{{"url", FieldValue, "url must be an https URL without a user name."}}
	}
	return nil
}

// Tolerant returns the report without a source or URL that would be refused. It
// is for reporters who cannot correct them: the key has leaked all the same.
func (r ExposureReport) Tolerant() ExposureReport {
	if len(r.sourceFaults()) > 0 {
		r.Source = ""
	}
	if len(r.urlFaults()) > 0 {
		r.URL = ""
	}
	return r
}

// safeURL returns the URL. If it contains the text of a key, only its beginning
// is left, because a key's text must not be stored.
func (r ExposureReport) safeURL() string {
	if !showsKey(r.URL) {
		return r.URL
	}
	at, err := url.Parse(r.URL)
	if err != nil || showsKey(at.Host) {
		return ""
	}
	return "https://" + at.Host + "/[redacted]"
}

// maxEscapes is how many times a text may be escaped to hide a key.
const maxEscapes = 3

// showsKey reports whether a text contains anything as long as a key's, also if
// it is escaped.
func showsKey(text string) bool {
	for range maxEscapes {
		if hasKeyBody(text) {
			return true
		}
		unescaped := escape().ReplaceAllStringFunc(text, func(code string) string {
			c, _ := hex.DecodeString(code[1:])
			return string(c)
		})
		if unescaped == text {
			return false
		}
		text = unescaped
	}
	return true
}

// escape matches an escaped byte. A lone % matches nothing, so it does not hide
// an escape that follows it.
var escape = newForm("%[0-9A-Fa-f]{2}")

// hasKeyBody reports whether a text has a run of letters and digits as long as
// a key's.
func hasKeyBody(text string) bool {
	const body = 66
	run := 0
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
			if run++; run >= body {
				return true
			}
			continue
		}
		run = 0
	}
	return false
}
