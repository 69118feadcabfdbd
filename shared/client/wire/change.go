package wire

import "encoding/json"

// Change is what a patch does to a member. The zero Change leaves it as it is;
// see [Set] and [Clear].
type Change[T any] struct {
	value        T
	set, cleared bool
}

// Set returns a Change to a value.
func Set[T any](value T) Change[T] { return Change[T]{value: value, set: true} }

// Clear returns a Change that removes the value, null on the wire.
func Clear[T any]() Change[T] { return Change[T]{set: true, cleared: true} }

// IsZero reports whether the member stays as it is.
func (c Change[T]) IsZero() bool { return !c.set }

// MarshalJSON encodes the new value, or null.
func (c Change[T]) MarshalJSON() ([]byte, error) {
	if c.cleared {
		return []byte("null"), nil
	}
	return json.Marshal(c.value)
}

// UnmarshalJSON takes a new value or null, for bodies that come from a file.
func (c *Change[T]) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		*c = Clear[T]()
		return nil
	}
	var value T
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	*c = Set(value)
	return nil
}
