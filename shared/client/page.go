package client

import (
	"errors"
	"iter"
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// NextCursor is the Cursor of the next page. Only the last page has none; a
	// page before can be short or empty.
	NextCursor string
	// Damaged is how many records are missing because they cannot be read.
	Damaged int
}

// errCursorRepeated is the error for a list that would not end.
var errCursorRepeated = errors.New("client: the list does not end: the answer repeats a cursor")

// all returns the items of all pages from a cursor on, each page fetched when it
// is needed. fetch reads the page at the cursor. The sequence ends with the first
// error.
func all[T any](cursor *string, fetch func() (*Page[T], error)) iter.Seq2[T, error] {
	first := *cursor
	return func(yield func(T, error) bool) {
		var none T
		*cursor = first
		for seen := map[string]bool{first: true}; ; seen[*cursor] = true {
			page, err := fetch()
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if *cursor = page.NextCursor; *cursor == "" {
				return
			}
			if seen[*cursor] {
				yield(none, errCursorRepeated)
				return
			}
		}
	}
}
