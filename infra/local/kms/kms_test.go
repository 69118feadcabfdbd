package kms

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go"
)

const fixedKey = "11111111-2222-4333-8444-555555555555"

func start(t *testing.T, options Options) (*kms.Client, *Server) {
	t.Helper()
	server, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return clientOf(server), server
}

func clientOf(server *Server) *kms.Client {
	return kms.New(kms.Options{
		Region: DefaultRegion, BaseEndpoint: aws.String(server.URL),
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}, nil
		}),
	})
}

// wantCode fails unless err is KMS's error with that code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if api, ok := errors.AsType[smithy.APIError](err); !ok || api.ErrorCode() != code {
		t.Fatalf("got error %v, want %s", err, code)
	}
}

func pepperContext(version string) map[string]string {
	return map[string]string{"service": "keyward", "table": "keyward", "version": version}
}

// A data key generated without its plaintext decrypts to the same bytes under
// the id, the ARN and the alias of its key.
func TestDataKeyByEveryName(t *testing.T) {
	client, server := start(t, Options{KeyID: "alias/peppers"})
	id := server.KeyARN[strings.LastIndex(server.KeyARN, "/")+1:]
	aliasARN := "arn:aws:kms:us-east-1:000000000000:alias/peppers"
	made, err := client.GenerateDataKeyWithoutPlaintext(t.Context(), &kms.GenerateDataKeyWithoutPlaintextInput{
		KeyId: aws.String("alias/peppers"), NumberOfBytes: aws.Int32(32), EncryptionContext: pepperContext("1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if *made.KeyId != server.KeyARN {
		t.Fatalf("the answer names %s, want %s", *made.KeyId, server.KeyARN)
	}
	var first []byte
	for _, name := range []string{id, server.KeyARN, "alias/peppers", aliasARN, ""} {
		in := &kms.DecryptInput{CiphertextBlob: made.CiphertextBlob, EncryptionContext: pepperContext("1")}
		if name != "" {
			in.KeyId = &name
		}
		out, err := client.Decrypt(t.Context(), in)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if first == nil {
			first = out.Plaintext
		}
		if len(out.Plaintext) != 32 || !bytes.Equal(out.Plaintext, first) {
			t.Fatalf("%q: %d bytes, or other bytes than before", name, len(out.Plaintext))
		}
	}
}

// Decrypt reverses Encrypt.
func TestPlaintextComesBack(t *testing.T) {
	client, _ := start(t, Options{KeyID: fixedKey})
	plaintext := bytes.Repeat([]byte{0, 255, 7}, 1000)
	sealed, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String(fixedKey), Plaintext: plaintext})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
	if err != nil || !bytes.Equal(out.Plaintext, plaintext) {
		t.Fatalf("decrypted to other bytes, or %v", err)
	}
}

// Ciphertext decrypts only unaltered and with exactly its own context: every bit
// flip and every other context is an InvalidCiphertextException.
func TestCiphertextIsBound(t *testing.T) {
	client, _ := start(t, Options{KeyID: fixedKey})
	sealed, err := client.Encrypt(t.Context(), &kms.EncryptInput{
		KeyId: aws.String(fixedKey), Plaintext: []byte("pepper"), EncryptionContext: map[string]string{"a": "b", "c": "d"},
	})
	if err != nil {
		t.Fatal(err)
	}
	decrypt := func(blob []byte, context map[string]string) error {
		_, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: blob, EncryptionContext: context})
		return err
	}
	right := map[string]string{"c": "d", "a": "b"}
	if err := decrypt(sealed.CiphertextBlob, right); err != nil {
		t.Fatal(err)
	}
	for _, context := range []map[string]string{
		nil, {"a": "b"}, {"a": "b", "c": "D"}, {"A": "b", "c": "d"}, {"a": "d", "c": "b"},
		{"a": "b", "c": "d", "e": "f"}, {"ab": "", "c": "d"}, {"a": "bc", "": "d"},
	} {
		wantCode(t, decrypt(sealed.CiphertextBlob, context), "InvalidCiphertextException")
	}
	for i := range sealed.CiphertextBlob {
		altered := bytes.Clone(sealed.CiphertextBlob)
		altered[i] ^= 1
		wantCode(t, decrypt(altered, right), "InvalidCiphertextException")
	}
	for _, short := range [][]byte{{1}, {1, 36}, sealed.CiphertextBlob[:40], sealed.CiphertextBlob[:len(sealed.CiphertextBlob)-1]} {
		wantCode(t, decrypt(short, right), "InvalidCiphertextException")
	}
}

// A disabled key cannot be used until it is enabled again.
func TestDisabledKey(t *testing.T) {
	client, _ := start(t, Options{KeyID: fixedKey})
	id := aws.String(fixedKey)
	sealed, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
	_, err = client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")})
	wantCode(t, err, "DisabledException")
	_, err = client.GenerateDataKeyWithoutPlaintext(t.Context(), &kms.GenerateDataKeyWithoutPlaintextInput{KeyId: id, NumberOfBytes: aws.Int32(32)})
	wantCode(t, err, "DisabledException")
	_, err = client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
	wantCode(t, err, "DisabledException")
	if _, err := client.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: id}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob}); err != nil {
		t.Fatal(err)
	}
}

// Each mistake gives KMS's own error.
func TestRefusals(t *testing.T) {
	client, _ := start(t, Options{KeyID: fixedKey})
	other, err := client.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	id, otherID := aws.String(fixedKey), other.KeyMetadata.KeyId
	sealed, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: id, Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		code string
		call func() error
	}{
		"unknown key": {"NotFoundException", func() error {
			_, err := client.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: aws.String("alias/none")})
			return err
		}},
		"another region's ARN": {"NotFoundException", func() error {
			_, err := client.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: aws.String("arn:aws:kms:eu-west-1:000000000000:key/" + fixedKey)})
			return err
		}},
		"enable nothing": {"NotFoundException", func() error {
			_, err := client.EnableKey(t.Context(), &kms.EnableKeyInput{KeyId: aws.String("none")})
			return err
		}},
		"wrong key for the ciphertext": {"IncorrectKeyException", func() error {
			_, err := client.Decrypt(t.Context(), &kms.DecryptInput{KeyId: otherID, CiphertextBlob: sealed.CiphertextBlob})
			return err
		}},
		"no length": {"ValidationException", func() error {
			_, err := client.GenerateDataKeyWithoutPlaintext(t.Context(), &kms.GenerateDataKeyWithoutPlaintextInput{KeyId: id})
			return err
		}},
		"too long a data key": {"ValidationException", func() error {
			_, err := client.GenerateDataKeyWithoutPlaintext(t.Context(), &kms.GenerateDataKeyWithoutPlaintextInput{KeyId: id, NumberOfBytes: aws.Int32(1025)})
			return err
		}},
		"too long a plaintext": {"ValidationException", func() error {
			_, err := client.Encrypt(t.Context(), &kms.EncryptInput{KeyId: id, Plaintext: make([]byte, 4097)})
			return err
		}},
		"an operation that it lacks": {"UnknownOperationException", func() error {
			_, err := client.ListKeys(t.Context(), &kms.ListKeysInput{})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, test.call(), test.code) })
	}
}

// Every request without a signature is refused.
func TestUnsigned(t *testing.T) {
	_, server := start(t, Options{KeyID: fixedKey})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "TrentService.CreateKey")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusBadRequest {
		t.Fatalf("status %d, want 400", response.StatusCode)
	}
}

// With a file, keys and their state outlive the server, which can restart on the
// same port.
func TestRestart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys.json")
	first, err := Start(t.Context(), Options{KeyID: fixedKey, File: file})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := clientOf(first).Encrypt(t.Context(), &kms.EncryptInput{KeyId: aws.String(fixedKey), Plaintext: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	client, second := start(t, Options{KeyID: fixedKey, File: file, Port: first.Port})
	if second.URL != first.URL || second.KeyARN != first.KeyARN {
		t.Fatalf("came back as %s %s, was %s %s", second.URL, second.KeyARN, first.URL, first.KeyARN)
	}
	out, err := client.Decrypt(t.Context(), &kms.DecryptInput{CiphertextBlob: sealed.CiphertextBlob})
	if err != nil || string(out.Plaintext) != "x" {
		t.Fatalf("decrypted to %q, %v", out.Plaintext, err)
	}
}

// Additional keys exist from the start, each with its own name and ARN.
func TestMoreKeys(t *testing.T) {
	server, err := Start(t.Context(), Options{KeyID: "alias/one", MoreKeys: []string{"alias/two", "alias/one"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	two := server.ARN("alias/two")
	if two == "" || two == server.KeyARN || server.ARN(two) != two || server.ARN("alias/one") != server.KeyARN || server.ARN("alias/three") != "" {
		t.Errorf("keys %q and %q", server.KeyARN, two)
	}
}

// A taken port and a damaged file are errors of Start.
func TestStartFails(t *testing.T) {
	_, server := start(t, Options{})
	if _, err := Start(t.Context(), Options{Port: server.Port}); err == nil {
		t.Error("started on a taken port")
	}
	if _, err := Start(t.Context(), Options{File: t.TempDir()}); err == nil {
		t.Error("started with a folder for a file")
	}
}
