package wire

// OneOrMany is a list of strings, of which a request may write a single one
// without the list.
type OneOrMany []string
