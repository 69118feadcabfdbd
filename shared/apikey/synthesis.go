package apikey

import "errors"

// ValidAccount reports whether text is an AWS account id: 12 digits.
func ValidAccount(text string) bool { return accountForm.matches(text) }

// ValidRegion reports whether text has the form of an AWS Region, such as
// eu-central-1, us-gov-west-1 or eusc-de-east-1.
func ValidRegion(text string) bool { return regionForm.matches(text) }

// Check returns the faults of a draft for the service with that id. It is for
// the synthesis of a stack, where only the draft is known. A draft without
// faults can be registered if the organization may register the accounts and no
// other service has the APIs.
func (d ServiceDraft) Check(id string) []FieldError {
	apis := d.APIs
	d.APIs = nil
	err := d.validate(id, Organization{})
	if err == nil {
		d.APIs = apis
		_, err = d.warnings()
	}
	if fault, ok := errors.AsType[*Error](err); ok {
		return fault.Fields
	}
	return nil
}
