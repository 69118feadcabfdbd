package kms

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"

	"github.com/keyward/keyward/shared/uuid"
)

// key is a KMS key with its material. Values are copies: only a keyring changes
// a key.
type key struct {
	ID       string `json:"id"`
	Alias    string `json:"alias,omitempty"`
	Material []byte `json:"material"`
	Disabled bool   `json:"disabled,omitempty"`
}

// keyring holds keys. If it has a file, it saves them after each change.
type keyring struct {
	file string
	// arnPrefix is the part of an ARN before "key/" or "alias/".
	arnPrefix string

	mu   sync.Mutex
	keys []key
}

func openKeyring(file, arnPrefix string) (*keyring, error) {
	r := &keyring{file: file, arnPrefix: arnPrefix}
	if file == "" {
		return r, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &r.keys)
	}
	if err != nil {
		return nil, fmt.Errorf("kms stand-in: read keys from %s: %w", file, err)
	}
	return r, nil
}

func (r *keyring) arn(id string) string { return r.arnPrefix + "key/" + id }

// find returns the key with an id, an alias or the ARN of either.
func (r *keyring) find(name string) (key, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := r.index(name); i >= 0 {
		return r.keys[i], true
	}
	return key{}, false
}

func (r *keyring) index(name string) int {
	if strings.HasPrefix(name, "arn:") {
		rest, found := strings.CutPrefix(name, r.arnPrefix)
		if !found {
			return -1
		}
		name = strings.TrimPrefix(rest, "key/")
	}
	for i, k := range r.keys {
		if name == k.ID || k.Alias != "" && name == k.Alias {
			return i
		}
	}
	return -1
}

// create adds a key with new material. An empty id gives a random UUID.
func (r *keyring) create(id, alias string) (key, error) {
	k := key{ID: id, Alias: alias, Material: make([]byte, 32)}
	rand.Read(k.Material)
	if id == "" {
		k.ID = newUUID()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = append(r.keys, k)
	return k, r.save()
}

// ensure returns the key of that id or alias, and creates it if there is none.
func (r *keyring) ensure(name string) (key, error) {
	if k, found := r.find(name); found {
		return k, nil
	}
	if strings.HasPrefix(name, "alias/") {
		return r.create("", name)
	}
	return r.create(name, "")
}

// setDisabled changes a key's state. It returns false if there is no such key.
func (r *keyring) setDisabled(name string, disabled bool) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.index(name)
	if i < 0 {
		return false, nil
	}
	r.keys[i].Disabled = disabled
	return true, r.save()
}

// save replaces the file atomically, so that a crash leaves the old one or the
// new.
func (r *keyring) save() error {
	if r.file == "" {
		return nil
	}
	text, err := json.Marshal(r.keys)
	if err != nil {
		return err
	}
	part := r.file + ".part"
	if err := os.WriteFile(part, text, 0o600); err != nil {
		return err
	}
	return os.Rename(part, r.file)
}

// newUUID returns a random UUID.
func newUUID() string {
	id, _ := uuid.New(rand.Reader) // never fails
	return id.String()
}
