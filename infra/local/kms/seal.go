package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"maps"
	"slices"
)

// sealVersion begins every ciphertext blob; behind it stand the length of the
// key's id, the id, the nonce and what AES-GCM made.
const sealVersion = 1

const nonceBytes = 12

// seal encrypts plaintext under a key, bound to the key's id and the context.
func seal(k key, plaintext []byte, context map[string]string) []byte {
	blob := append([]byte{sealVersion, byte(len(k.ID))}, k.ID...)
	nonce := make([]byte, nonceBytes)
	rand.Read(nonce)
	blob = append(blob, nonce...)
	return gcm(k).Seal(blob, nonce, plaintext, associatedData(k.ID, context))
}

// sealedUnder reads which key a blob names. The name is not trusted: opening
// fails where it was altered.
func sealedUnder(blob []byte) (id string, sealed []byte, ok bool) {
	if len(blob) < 2 || blob[0] != sealVersion || len(blob) < 2+int(blob[1])+nonceBytes {
		return "", nil, false
	}
	end := 2 + int(blob[1])
	return string(blob[2:end]), blob[end:], true
}

// unseal decrypts what follows the id in a blob; false where the blob was
// altered or the context is another.
func unseal(k key, sealed []byte, context map[string]string) ([]byte, bool) {
	plaintext, err := gcm(k).Open(nil, sealed[:nonceBytes], sealed[nonceBytes:], associatedData(k.ID, context))
	return plaintext, err == nil
}

func gcm(k key) cipher.AEAD {
	block, err := aes.NewCipher(k.Material)
	if err != nil {
		panic("kms stand-in: key material is not 32 bytes")
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// associatedData has one form per context: names in order, and each part with
// its length, so that no two contexts read alike.
func associatedData(id string, context map[string]string) []byte {
	data := appendPart(nil, id)
	for _, name := range slices.Sorted(maps.Keys(context)) {
		data = appendPart(appendPart(data, name), context[name])
	}
	return data
}

func appendPart(dst []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(part))), part...)
}
