package apikey

import (
	"fmt"

	"github.com/keyward/keyward/shared/permission"
)

// checkCatalogue refuses more permissions than fit into an organization's
// record, counting those that are being withdrawn. It also refuses two
// permissions with the same mark, because the authorizer could not tell them
// apart in its short list of a caller's permissions.
func (r *Rules) checkCatalogue(before, after Organization) error {
	const what = "The organization's record, with all permissions that its services declare or that are being withdrawn,"
	return InvalidError(append(sameMark(after.Declared), r.checkSize("permissions", what, MaxOrganizationRecord, before, after)...)...)
}

// sameMark returns a fault for each permission that has the mark of another
// one, or of one of Keyward's own.
func sameMark(declared []Permission) []FieldError {
	var faults []FieldError
	names := map[permission.Mark]string{}
	all := Organization{Declared: declared}.Catalogue()
	for _, p := range all {
		mark := permission.MarkOf(p.Name)
		if other, taken := names[mark]; taken {
			faults = append(faults, FieldError{"permissions", FieldConflict, fmt.Sprintf(
				"In the short form of permissions, the authorizer cannot tell %q from %q. Choose another name.", p.Name, other)})
		}
		names[mark] = p.Name
	}
	return faults
}
