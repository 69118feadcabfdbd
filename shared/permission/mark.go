package permission

import "crypto/sha256"

// MarkSize is the length of a [Mark] in bytes.
const MarkSize = 5

// Mark stands for a permission in the authorizer's compact list. It is the first
// 5 bytes of the SHA-256 of the permission's name. The rules refuse a permission
// whose mark another permission of the organization has.
type Mark [MarkSize]byte

// MarkOf returns the mark of a permission.
func MarkOf(name string) Mark {
	sum := sha256.Sum256([]byte(name))
	return Mark(sum[:])
}
