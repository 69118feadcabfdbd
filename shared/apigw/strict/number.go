package strict

import (
	"strconv"
	"strings"
)

// maxDigits is the maximum number of digits of an int64.
const maxDigits = 19

// whole parses a JSON number that is an integer, in any notation: 1000.0 and 1e3
// are 1000. ok is false if it is not one or overflows int64.
func whole(text string) (n int64, ok bool) {
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	digits, negative := strings.CutPrefix(mantissa, "-")
	before, after, _ := strings.Cut(digits, ".")
	digits = strings.TrimLeft(before+after, "0")
	if digits == "" {
		return 0, true
	}
	significant := strings.TrimRight(digits, "0")
	shift := len(digits) - len(significant) - len(after)
	if power != "" {
		exponent, err := strconv.Atoi(power)
		if err != nil || exponent > maxDigits+len(after) || exponent < -len(digits) {
			return 0, false
		}
		shift += exponent
	}
	if shift < 0 || len(significant)+shift > maxDigits {
		return 0, false
	}
	if negative {
		significant = "-" + significant
	}
	n, err := strconv.ParseInt(significant+strings.Repeat("0", shift), 10, strconv.IntSize)
	return n, err == nil
}
