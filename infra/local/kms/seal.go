package kms

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"maps"
	"slices"
)

// sealVersion is the first byte of every ciphertext blob. The length of the
// key's id, the id, the nonce and the AES-GCM output follow.
const sealVersion = 1

const nonceBytes = 12

// seal encrypts plaintext with a key. The result is bound to the key's id and
// the context.
func seal(k key, plaintext []byte, context map[string]string) []byte {
	blob := append([]byte{sealVersion, byte(len(k.ID))}, k.ID...)
	nonce := make([]byte, nonceBytes)
	rand.Read(nonce)
	blob = append(blob, nonce...)
	return gcm(k).Seal(blob, nonce, plaintext, associatedData(k.ID, context))
}

// sealedUnder returns the key id that a blob names. The id is not trusted:
// decryption fails if it was altered.
func sealedUnder(blob []byte) (id string, sealed []byte, ok bool) {
	if len(blob) < 2 || blob[0] != sealVersion || len(blob) < 2+int(blob[1])+nonceBytes {
		return "", nil, false
	}
	end := 2 + int(blob[1])
	return string(blob[2:end]), blob[end:], true
}

// unseal decrypts what follows the id in a blob. It returns false if the blob
// was altered or the context differs.
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

// associatedData returns a unique encoding of an id and a context. It sorts the
// names and writes the length of each part.
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
