package jsonscan

import (
	"unicode/utf16"
	"unicode/utf8"
)

// unescaped decodes the inside of a well-formed string. Like encoding/json, it
// replaces what is not UTF-8, and halves of surrogate pairs, with U+FFFD.
func unescaped(inside []byte) string {
	meaning := make([]byte, 0, len(inside))
	for len(inside) > 0 {
		n := plain(inside)
		meaning, inside = append(meaning, inside[:n]...), inside[n:]
		switch {
		case len(inside) == 0:
		case inside[0] != '\\':
			r, size := utf8.DecodeRune(inside)
			meaning, inside = utf8.AppendRune(meaning, r), inside[size:]
		case inside[1] == 'u':
			r := unit(inside)
			if inside = inside[6:]; utf16.IsSurrogate(r) {
				if r = utf16.DecodeRune(r, unit(inside)); r != utf8.RuneError {
					inside = inside[6:]
				}
			}
			meaning = utf8.AppendRune(meaning, r)
		default:
			meaning, inside = append(meaning, escaped(inside[1])), inside[2:]
		}
	}
	return string(meaning)
}

// unit returns the UTF-16 code unit of an escape at the beginning of a text; -1 if
// there is none.
func unit(text []byte) (u rune) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return -1
	}
	for _, c := range text[2:6] {
		if c > '9' {
			c = c&0x0f + 9
		}
		u = u<<4 | rune(c&0x0f)
	}
	return u
}

// escaped returns the character that an escape of one letter stands for.
func escaped(letter byte) byte {
	switch letter {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return letter
}
