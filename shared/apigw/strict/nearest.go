package strict

import (
	"slices"
	"strings"

	"github.com/keyward/keyward/shared/dialect/wire"
)

// Names of fields are suggested for the first faults alone, which are all that an
// answer shows, and only for names that could be misspelled ones.
const (
	maxSuggested  = 20
	maxMisspelled = 40
	fewFields     = 8
	// maxEdits is how many characters can differ from those of the nearest name.
	maxEdits = 3
)

// suggestion returns a sentence that names the field that was probably meant, or all
// fields if they are few. Otherwise it is empty.
func suggestion(fields []wire.Field, name string) string {
	var known []string
	for i := range fields {
		if !fields[i].Ignored {
			known = append(known, fields[i].Name)
		}
	}
	if near := nearest(known, name); near != "" {
		return " Did you mean " + near + "?"
	}
	if len(known) == 0 || len(known) > fewFields {
		return ""
	}
	return " The fields are " + strings.Join(known, ", ") + "."
}

// nearest returns the name that differs least from one that is not known, or nothing
// if too much differs.
func nearest(known []string, name string) (near string) {
	if len(name) > maxMisspelled {
		return ""
	}
	best := maxEdits + 1
	for _, candidate := range known {
		if n := edits(plain(name), plain(candidate)); n < best && 2*n < len(candidate) {
			near, best = candidate, n
		}
	}
	return near
}

// plain returns a name without what people write in different ways.
func plain(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "", " ", "").Replace(name))
}

// edits returns how many bytes to insert, to remove or to replace in one text to get
// the other.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = slices.Min([]int{replaced, row[j] + 1, row[j+1] + 1})
		}
	}
	return row[len(b)]
}
