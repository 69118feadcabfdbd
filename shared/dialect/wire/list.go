package wire

// OneOrMany is a list of strings. A request may write a list of one as a plain
// string.
type OneOrMany []string

// List returns the wire form of each element. It is never nil, which JSON would
// write as null.
func List[T, W any](all []T, form func(T) W) []W {
	list := make([]W, 0, len(all))
	for _, one := range all {
		list = append(list, form(one))
	}
	return list
}

// MaxFaults is how many faults an answer has at the most, so that it is not many
// times larger than its request.
const MaxFaults = 20
