package kms

import "crypto/rand"

type handler struct{ keys *keyring }

// input holds the parameters of all supported operations.
type input struct {
	KeyID             string            `json:"KeyId"`
	EncryptionContext map[string]string `json:"EncryptionContext"`
	Plaintext         []byte            `json:"Plaintext"`
	CiphertextBlob    []byte            `json:"CiphertextBlob"`
	NumberOfBytes     int               `json:"NumberOfBytes"`
}

type object map[string]any

// KMS's own limits, in bytes: for Encrypt under a symmetric key, and for a data
// key.
const (
	maxPlaintext = 4096
	maxDataKey   = 1024
)

var operations = map[string]func(*handler, input) (any, error){
	"CreateKey":                       (*handler).createKey,
	"EnableKey":                       func(h *handler, in input) (any, error) { return h.setDisabled(in, false) },
	"DisableKey":                      func(h *handler, in input) (any, error) { return h.setDisabled(in, true) },
	"GenerateDataKeyWithoutPlaintext": (*handler).generate,
	"Encrypt":                         (*handler).encrypt,
	"Decrypt":                         (*handler).decrypt,
}

func (h *handler) createKey(input) (any, error) {
	k, err := h.keys.create("", "")
	if err != nil {
		return nil, err
	}
	return object{"KeyMetadata": object{"KeyId": k.ID, "Arn": h.keys.arn(k.ID)}}, nil
}

func (h *handler) setDisabled(in input, disabled bool) (any, error) {
	found, err := h.keys.setDisabled(in.KeyID, disabled)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, notFound(in.KeyID)
	}
	return object{}, nil
}

// usable returns the named key if it may be used.
func (h *handler) usable(name string) (key, error) {
	k, found := h.keys.find(name)
	if !found {
		return key{}, notFound(name)
	}
	if k.Disabled {
		return key{}, newFault("DisabledException", h.keys.arn(k.ID)+" is disabled.")
	}
	return k, nil
}

func (h *handler) generate(in input) (any, error) {
	if in.NumberOfBytes < 1 || in.NumberOfBytes > maxDataKey {
		return nil, invalid("Value at 'numberOfBytes' failed to satisfy constraint: Member must be from 1 to 1024")
	}
	k, err := h.usable(in.KeyID)
	if err != nil {
		return nil, err
	}
	plaintext := make([]byte, in.NumberOfBytes)
	rand.Read(plaintext)
	return object{"KeyId": h.keys.arn(k.ID), "CiphertextBlob": seal(k, plaintext, in.EncryptionContext)}, nil
}

func (h *handler) encrypt(in input) (any, error) {
	if n := len(in.Plaintext); n < 1 || n > maxPlaintext {
		return nil, invalid("Value at 'plaintext' failed to satisfy constraint: Member must have length from 1 to 4096")
	}
	k, err := h.usable(in.KeyID)
	if err != nil {
		return nil, err
	}
	return object{"KeyId": h.keys.arn(k.ID), "CiphertextBlob": seal(k, in.Plaintext, in.EncryptionContext)}, nil
}

func (h *handler) decrypt(in input) (any, error) {
	id, sealed, ok := sealedUnder(in.CiphertextBlob)
	if !ok {
		return nil, newFault("InvalidCiphertextException", "")
	}
	if in.KeyID != "" {
		named, err := h.usable(in.KeyID)
		if err != nil {
			return nil, err
		}
		if named.ID != id {
			return nil, newFault("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
		}
	}
	if k, found := h.keys.find(id); !found || k.ID != id {
		return nil, newFault("InvalidCiphertextException", "")
	}
	k, err := h.usable(id)
	if err != nil {
		return nil, err
	}
	plaintext, ok := unseal(k, sealed, in.EncryptionContext)
	if !ok {
		return nil, newFault("InvalidCiphertextException", "")
	}
	return object{"KeyId": h.keys.arn(k.ID), "Plaintext": plaintext}, nil
}
