package apikey

import "errors"

// ValidAccount reports whether text is an AWS account: 12 digits.
func ValidAccount(text string) bool { return accountForm.matches(text) }

// ValidRegion reports whether text has the form of an AWS Region, such as
// eu-central-1, us-gov-west-1 or eusc-de-east-1.
func ValidRegion(text string) bool { return regionForm.matches(text) }

// Check returns what is wrong with the draft as the service of that id, whoever's
// it will be: what a synthesis can know of a registration before it is sent. What
// it accepts is registered, if the organization may have its accounts and its
// APIs belong to no other service.
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
