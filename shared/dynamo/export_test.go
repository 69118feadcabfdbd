package dynamo

import "testing"

// FormatAttribute is the attribute that says an item's format.
const FormatAttribute = formatAttribute

// NewestFormat is the newest format that this version knows.
func NewestFormat() int { return newestFormat }

// Demand has the store write as a newer version would to which an attribute has
// come, and read as this version does, until the test ends.
func Demand(t *testing.T, attribute string) {
	t.Helper()
	if _, known := demands[attribute]; known {
		t.Fatalf("%s has a format", attribute)
	}
	demands[attribute] = newestFormat + 1
	t.Cleanup(func() { delete(demands, attribute) })
}
