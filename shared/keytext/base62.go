package keytext

import "encoding/binary"

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// maxLimbs is how many 32-bit limbs the longest field, the secret, needs.
const maxLimbs = SecretBytes / 4

// appendBase62 appends number, a big-endian integer whose length is a multiple
// of four, as exactly width digits. The width must be enough for its length.
func appendBase62(dst, number []byte, width int) []byte {
	var store [maxLimbs]uint32
	limbs := store[:len(number)/4]
	for i := range limbs {
		limbs[i] = binary.BigEndian.Uint32(number[4*i:])
	}
	start := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := start + width - 1; i >= start; i-- {
		var rest uint64
		for j, limb := range limbs {
			rest = rest<<32 | uint64(limb)
			limbs[j] = uint32(rest / 62)
			rest %= 62
		}
		dst[i] = alphabet[rest]
	}
	return dst
}

// chunk is how many digits are read at a time: their value fits a limb.
const chunk = 5

// decodeBase62 reads digits into number, big-endian. It returns false for a
// character outside the alphabet and for a value that does not fit, so that
// each value has one spelling.
func decodeBase62(number []byte, digits string) bool {
	var store [maxLimbs]uint32
	limbs := store[:len(number)/4]
	for digits != "" {
		carry, scale := uint64(0), uint64(1)
		for i := range min(chunk, len(digits)) {
			digit := digitValue[digits[i]]
			if digit == notDigit {
				return false
			}
			carry, scale = carry*62+uint64(digit), scale*62
		}
		digits = digits[min(chunk, len(digits)):]
		for j := len(limbs) - 1; j >= 0; j-- {
			carry += uint64(limbs[j]) * scale
			limbs[j] = uint32(carry)
			carry >>= 32
		}
		if carry != 0 {
			return false
		}
	}
	for i, limb := range limbs {
		binary.BigEndian.PutUint32(number[4*i:], limb)
	}
	return true
}

const notDigit = 0xff

var digitValue = func() (table [256]byte) {
	for i := range table {
		table[i] = notDigit
	}
	for i := range len(alphabet) {
		table[alphabet[i]] = byte(i)
	}
	return table
}()
