package wire

import "strings"

// String returns what is wrong with the input, after the input's name unless the
// sentence begins with it.
func (f Fault) String() string {
	if strings.HasPrefix(f.Detail, f.Field+" ") {
		return f.Detail
	}
	return f.Field + ": " + f.Detail
}
