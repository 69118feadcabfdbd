package apikey

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Draft is what a caller writes of a key.
type Draft struct {
	Name, Description string
	Permissions       Permissions
}

// Edit is a partial change: a nil field is kept.
type Edit struct {
	Name, Description *string
	Permissions       *Permissions
}

// apply is the draft that the edit makes of a key.
func (e Edit) apply(key Key) Draft {
	d := Draft{key.Name, key.Description, key.Permissions}
	if e.Name != nil {
		d.Name = *e.Name
	}
	if e.Description != nil {
		d.Description = *e.Description
	}
	if e.Permissions != nil {
		d.Permissions = *e.Permissions
	}
	return d
}

// validate finds every fault of the draft at once. Permissions in kept need not
// be in the catalogue: a key may carry one that is no longer declared.
func (d Draft) validate(catalogue, kept Permissions) error {
	var faults []FieldError
	faults = append(faults, checkText("name", d.Name)...)
	faults = append(faults, checkText("description", d.Description)...)
	if d.Name == "" {
		faults = append(faults, FieldError{"name", FieldRequired, "A key needs a name."})
	}
	if n := len(d.Name) + len(d.Description); n > MaxNameBytes {
		faults = append(faults, FieldError{"name", FieldTooLong, fmt.Sprintf(
			"name and description together are at most %d bytes of UTF-8; these are %d.", MaxNameBytes, n)})
	}
	for _, name := range d.Permissions.Without(catalogue).Without(kept) {
		faults = append(faults, FieldError{"permissions", FieldPermission, fmt.Sprintf("%q is not a permission of this organization.", name)})
	}
	if len(faults) > 0 {
		return invalid(faults...)
	}
	return nil
}

// checkText refuses what could disguise a name where people read it: invalid
// UTF-8, and U+FFFD, which gateways put in its place before it gets here;
// control characters, and characters that turn the direction of text or hide
// (Unicode TR 36).
func checkText(field, text string) []FieldError {
	if !utf8.ValidString(text) {
		return []FieldError{{field, FieldCharacters, field + " is not valid UTF-8."}}
	}
	blank := text != ""
	for _, r := range text {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' || r == utf8.RuneError {
			return []FieldError{{field, FieldCharacters, fmt.Sprintf("%s must not contain the character %U.", field, r)}}
		}
		if !unicode.IsSpace(r) {
			blank = false
		}
	}
	if blank {
		return []FieldError{{field, FieldCharacters, field + " must not be blank."}}
	}
	return nil
}
