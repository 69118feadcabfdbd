package apikey

import (
	"crypto/sha256"
	"fmt"
)

// checkCatalogue refuses more permissions than an organization's record can
// hold, those that are being withdrawn included, and two that the authorizer
// could not tell apart where it says briefly what a caller holds.
func (k *Keys) checkCatalogue(before, after Organization) error {
	const what = "The organization, with the permissions that all its services declare and those that are being withdrawn,"
	return invalidIfAny(append(sameMark(after.Declared), k.checkSize("permissions", what, MaxOrganizationRecord, before, after)...))
}

// confusable finds permissions that have the mark of another, or of one of
// Keyward's own.
func sameMark(declared []Permission) []FieldError {
	var faults []FieldError
	names := map[permissionMark]string{}
	all := Organization{Declared: declared}.Catalogue()
	for _, p := range all {
		mark := markOf(p.Name)
		if other, taken := names[mark]; taken {
			faults = append(faults, FieldError{"permissions", FieldConflict, fmt.Sprintf(
				"%q cannot be told from %q in the authorizer's short form. Choose another name.", p.Name, other)})
		}
		names[mark] = p.Name
	}
	return faults
}

// permissionMark is what stands for a permission in the authorizer's short form:
// the first 5 bytes of the SHA-256 of its name.
type permissionMark [5]byte

func markOf(name string) permissionMark {
	sum := sha256.Sum256([]byte(name))
	return permissionMark(sum[:])
}
