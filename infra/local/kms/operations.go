package kms

import (
	"crypto/rand"
	"slices"
)

type handler struct {
	keys    *keyring
	account string
}

// input holds the parameters of all supported operations.
type input struct {
	KeyID               string            `json:"KeyId"`
	EncryptionContext   map[string]string `json:"EncryptionContext"`
	EncryptionAlgorithm string            `json:"EncryptionAlgorithm"`
	Plaintext           []byte            `json:"Plaintext"`
	CiphertextBlob      []byte            `json:"CiphertextBlob"`
	KeySpec             string            `json:"KeySpec"`
	NumberOfBytes       *int              `json:"NumberOfBytes"`
	Description         string            `json:"Description"`
}

type object map[string]any

const algorithm = "SYMMETRIC_DEFAULT"

// maxPlaintext is KMS's own limit for Encrypt under a symmetric key, in bytes.
const maxPlaintext = 4096

var operations = map[string]func(*handler, input) (any, error){
	"CreateKey":                       (*handler).createKey,
	"DescribeKey":                     (*handler).describeKey,
	"EnableKey":                       func(h *handler, in input) (any, error) { return h.setDisabled(in, false) },
	"DisableKey":                      func(h *handler, in input) (any, error) { return h.setDisabled(in, true) },
	"GenerateDataKey":                 func(h *handler, in input) (any, error) { return h.generate(in, true) },
	"GenerateDataKeyWithoutPlaintext": func(h *handler, in input) (any, error) { return h.generate(in, false) },
	"Encrypt":                         (*handler).encrypt,
	"Decrypt":                         (*handler).decrypt,
}

func (h *handler) createKey(in input) (any, error) {
	if !slices.Contains([]string{"", algorithm}, in.KeySpec) {
		return nil, refuse("UnsupportedOperationException", "the stand-in has symmetric keys only")
	}
	k, err := h.keys.create("", "")
	if err != nil {
		return nil, err
	}
	return object{"KeyMetadata": h.metadata(k)}, nil
}

func (h *handler) describeKey(in input) (any, error) {
	k, found := h.keys.find(in.KeyID)
	if !found {
		return nil, notFound(in.KeyID)
	}
	return object{"KeyMetadata": h.metadata(k)}, nil
}

func (h *handler) metadata(k key) object {
	state := "Enabled"
	if k.Disabled {
		state = "Disabled"
	}
	return object{
		"KeyId": k.ID, "Arn": h.keys.arn(k.ID), "AWSAccountId": h.account,
		"CreationDate": k.Created.Unix(), "Enabled": !k.Disabled, "KeyState": state,
		"KeyManager": "CUSTOMER", "KeySpec": algorithm, "KeyUsage": "ENCRYPT_DECRYPT",
		"EncryptionAlgorithms": []string{algorithm}, "Origin": "AWS_KMS", "MultiRegion": false,
	}
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
		return key{}, refuse("DisabledException", h.keys.arn(k.ID)+" is disabled.")
	}
	return k, nil
}

func (h *handler) generate(in input, show bool) (any, error) {
	bytes, err := in.dataKeyBytes()
	if err != nil {
		return nil, err
	}
	k, err := h.usable(in.KeyID)
	if err != nil {
		return nil, err
	}
	plaintext := make([]byte, bytes)
	rand.Read(plaintext)
	answer := object{"KeyId": h.keys.arn(k.ID), "CiphertextBlob": seal(k, plaintext, in.EncryptionContext)}
	if show {
		answer["Plaintext"] = plaintext
	}
	return answer, nil
}

// dataKeyBytes returns the requested length. Exactly one of KeySpec and
// NumberOfBytes must be set.
func (in input) dataKeyBytes() (int, error) {
	spec := map[string]int{"AES_128": 16, "AES_256": 32}
	switch {
	case (in.KeySpec == "") == (in.NumberOfBytes == nil):
		return 0, refuse("ValidationException", "Please specify either number of bytes or key spec.")
	case in.NumberOfBytes == nil && spec[in.KeySpec] == 0:
		return 0, invalid("Value at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]")
	case in.NumberOfBytes == nil:
		return spec[in.KeySpec], nil
	case *in.NumberOfBytes < 1 || *in.NumberOfBytes > 1024:
		return 0, invalid("Value at 'numberOfBytes' failed to satisfy constraint: Member must be from 1 to 1024")
	}
	return *in.NumberOfBytes, nil
}

func (h *handler) encrypt(in input) (any, error) {
	if n := len(in.Plaintext); n < 1 || n > maxPlaintext {
		return nil, invalid("Value at 'plaintext' failed to satisfy constraint: Member must have length from 1 to 4096")
	}
	if err := in.checkAlgorithm(); err != nil {
		return nil, err
	}
	k, err := h.usable(in.KeyID)
	if err != nil {
		return nil, err
	}
	return object{
		"KeyId": h.keys.arn(k.ID), "EncryptionAlgorithm": algorithm,
		"CiphertextBlob": seal(k, in.Plaintext, in.EncryptionContext),
	}, nil
}

func (h *handler) decrypt(in input) (any, error) {
	if err := in.checkAlgorithm(); err != nil {
		return nil, err
	}
	id, sealed, ok := sealedUnder(in.CiphertextBlob)
	if !ok {
		return nil, refuse("InvalidCiphertextException", "")
	}
	if in.KeyID != "" {
		named, err := h.usable(in.KeyID)
		if err != nil {
			return nil, err
		}
		if named.ID != id {
			return nil, refuse("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")
		}
	}
	k, found := h.keys.find(id)
	if !found || k.ID != id {
		return nil, refuse("InvalidCiphertextException", "")
	}
	if k.Disabled {
		return nil, refuse("DisabledException", h.keys.arn(k.ID)+" is disabled.")
	}
	plaintext, ok := unseal(k, sealed, in.EncryptionContext)
	if !ok {
		return nil, refuse("InvalidCiphertextException", "")
	}
	return object{"KeyId": h.keys.arn(k.ID), "EncryptionAlgorithm": algorithm, "Plaintext": plaintext}, nil
}

func (in input) checkAlgorithm() error {
	if in.EncryptionAlgorithm != "" && in.EncryptionAlgorithm != algorithm {
		return refuse("InvalidKeyUsageException", "the stand-in has symmetric keys only")
	}
	return nil
}
