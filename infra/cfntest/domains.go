package cfntest

// domains checks the names of a region.
func (c *checker) domains(o outer, region string) {}
