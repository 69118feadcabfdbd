package wire

// OneOrMany is a list of strings. A request may write a list of one as a plain
// string.
type OneOrMany []string
