package verify

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// Codes returns each code of decision.go once.
func TestCodesAreAll(t *testing.T) {
	source, err := os.ReadFile("decision.go")
	if err != nil {
		t.Fatal(err)
	}
	var declared []Code
	for _, found := range regexp.MustCompile(`(?m)^\t\w+\s+Code = "(\w+)"`).FindAllSubmatch(source, -1) {
		declared = append(declared, Code(found[1]))
	}
	if len(declared) == 0 || !slices.Equal(declared, Codes()) {
		t.Errorf("Codes() is %v\ndeclared are %v", Codes(), declared)
	}
}
