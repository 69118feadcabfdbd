package apikey

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/keyward/keyward/shared/permission"
)

// requireName returns the faults of a name that must not be empty.
func requireName(field, name string) []FieldError {
	if name == "" {
		return []FieldError{{field, FieldRequired, field + " is required."}}
	}
	return checkName(field, name)
}

// checkName returns the faults of a name.
func checkName(field, name string) []FieldError {
	faults := checkText(field, name)
	if len(name) > MaxNameBytes {
		faults = append(faults, FieldError{field, FieldTooLong, fmt.Sprintf("%s can have at most %d bytes of UTF-8.", field, MaxNameBytes)})
	}
	return faults
}

// checkNaming returns the faults of a name and a description, which share one
// limit (the Polaris document).
func checkNaming(name, description string) []FieldError {
	faults := append(checkText("name", name), checkLines("description", description)...)
	if n := len(description); name == "" && n > MaxNameBytes {
		return append(faults, FieldError{"description", FieldTooLong, fmt.Sprintf("description can have at most %d bytes of UTF-8; this has %d.", MaxNameBytes, n)})
	}
	if n := len(name) + len(description); n > MaxNameBytes {
		faults = append(faults, FieldError{"name", FieldTooLong, fmt.Sprintf(
			"name and description together can have at most %d bytes of UTF-8; these have %d.", MaxNameBytes, n)})
	}
	return faults
}

// lineBreaks replaces line breaks and tabs with spaces.
var lineBreaks = strings.NewReplacer("\r\n", " ", "\n", " ", "\t", " ")

// checkLines is checkText for a text that may contain line breaks and tabs.
func checkLines(field, text string) []FieldError { return checkText(field, lineBreaks.Replace(text)) }

// flag begins flags that are written with tag characters, such as Scotland's.
// flagForm matches such a flag (Unicode TS 51). Tags elsewhere hide text.
const flag = "\U0001F3F4"

var flagForm = newForm(flag + `[\x{E0030}-\x{E0039}\x{E0061}-\x{E007A}]{3,6}\x{E007F}`)

// checkText refuses characters that can disguise a name: invalid UTF-8, and
// U+FFFD, which gateways put in its place; control characters; characters that
// are invisible or that change the direction of text (Unicode TR 36), except
// for the joiners of some scripts and the tags of flags; and space at either
// end.
func checkText(field, text string) []FieldError {
	if !utf8.ValidString(text) {
		return []FieldError{{field, FieldCharacters, field + " is not valid UTF-8."}}
	}
	if strings.Contains(text, flag) {
		text = flagForm().ReplaceAllString(text, flag)
	}
	visible := text == ""
	for _, r := range text {
		if r == utf8.RuneError || unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || hides(r) && !joins(r) {
			return []FieldError{{field, FieldCharacters, fmt.Sprintf("%s must not contain the character %U.", field, r)}}
		}
		visible = visible || !unicode.IsSpace(r) && !joins(r)
	}
	switch {
	case !visible:
		return []FieldError{{field, FieldCharacters, field + " must not be blank."}}
	case strings.TrimSpace(text) != text:
		return []FieldError{{field, FieldCharacters, field + " must not begin or end with space."}}
	default:
		return nil
	}
}

// hides reports whether a character is invisible.
func hides(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// joins reports whether r is the zero-width joiner or non-joiner.
func joins(r rune) bool { return r == '\u200c' || r == '\u200d' }

// unknownPermissions returns a fault for each name that is not in the
// catalogue.
func unknownPermissions(names, catalogue permission.Set) []FieldError {
	var faults []FieldError
	for _, name := range names.Without(catalogue) {
		faults = append(faults, FieldError{"permissions", FieldPermission, fmt.Sprintf("%q is not a permission of this organization. GET /v1/permissions lists them.", name)})
	}
	return faults
}

// validName reports whether name can be a permission's name: 1 to 64 characters
// of A-Z, a-z, 0-9, '_', '.', ':' and '-'.
func validName(name string) bool {
	const extra = "_.:-"
	for _, c := range name {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && !strings.ContainsRune(extra, c) {
			return false
		}
	}
	return name != "" && len(name) <= 64
}

// maxEmailBytes is the longest address that mail can be sent to (RFC 5321).
const maxEmailBytes = 254

func checkEmail(field, email string) []FieldError {
	if email == "" {
		return []FieldError{{field, FieldRequired, field + " is required."}}
	}
	address, err := mail.ParseAddress(email)
	ascii := strings.IndexFunc(email, func(r rune) bool { return r > unicode.MaxASCII }) < 0
	if err != nil || address.Address != email || address.Name != "" || !ascii || len(email) > maxEmailBytes {
		return []FieldError{{field, FieldValue, fmt.Sprintf("%s must be an e-mail address of at most %d ASCII characters.", field, maxEmailBytes)}}
	}
	return nil
}

// EmailClaim returns the form in which e-mail addresses are compared: lower
// case. Addresses are limited to ASCII, because different letters beyond it can
// have the same lower case.
func EmailClaim(email string) string { return strings.ToLower(email) }
