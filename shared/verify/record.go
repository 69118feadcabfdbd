package verify

import (
	"net/netip"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/permission"
	"github.com/keyward/keyward/shared/uuid"
)

// keyRecord is the part of a key's record that decisions need, in a third of
// the size, because thousands are cached.
type keyRecord struct {
	org                                        apikey.OrgID
	kind                                       apikey.KeyType
	permissions                                permission.Set
	digest                                     apikey.Digest
	policy, onBehalfOf, userPolicy             uuid.UUID
	notBefore, expiresOn                       int64 // milliseconds since 1970, of a zero time too
	rare                                       *rareParts
	narrowed, disabled, representable, deleted bool
}

// rareParts holds what few keys have: limits, and secrets besides the first.
type rareParts struct {
	services []string
	allowIPs []netip.Prefix
	// generation numbers the current secret; 0 counts as 1.
	generation int
	older      []olderSecret
}

// olderSecret is the part of an [apikey.OlderSecret] that decisions need.
type olderSecret struct {
	generation int
	digest     apikey.Digest
	ends       int64 // milliseconds since 1970
	// ended says that it has ended whatever the clock says.
	ended bool
}

func newKeyRecord(key apikey.Key) *keyRecord {
	r := &keyRecord{
		org: key.Org, kind: constantOf(key.Type, apikey.TypeService, apikey.TypePersonal, apikey.TypeShared), digest: key.Digest,
		policy: key.Policy, onBehalfOf: key.OnBehalfOf, userPolicy: key.UserPolicy,
		narrowed: key.Narrowed, disabled: key.Disabled, representable: key.Representable, deleted: key.Deleted(),
		notBefore: key.NotBefore.UnixMilli(), expiresOn: key.ExpiresOn.UnixMilli(), permissions: trimmed(key.Permissions),
	}
	if len(key.Services) > 0 || len(key.AllowIPs) > 0 || key.Generation > 1 {
		r.rare = &rareParts{trimmed(key.Services), trimmed(key.AllowIPs), key.Generation, olderSecrets(&key)}
	}
	return r
}

func olderSecrets(key *apikey.Key) []olderSecret {
	all := key.Older
	if len(all) == 0 {
		return nil
	}
	kept := make([]olderSecret, min(len(all), apikey.MaxOlder))
	for i := range kept {
		kept[i] = olderSecret{all[i].Generation, all[i].Digest, all[i].EndsOn.UnixMilli(), key.EndedPermanently(all[i])}
	}
	return kept
}

// trimmed returns a copy of a list without spare capacity.
func trimmed[S ~[]E, E any](list S) S {
	if len(list) == 0 {
		return nil
	}
	return slices.Concat(list)
}

// constantOf returns the constant that equals text, so that no memory of the
// store's is kept, or else a copy of text.
func constantOf[T ~string](text T, constants ...T) T {
	for _, constant := range constants {
		if text == constant {
			return constant
		}
	}
	return T(strings.Clone(string(text)))
}

func (r *keyRecord) addTo(o *owner) int {
	r.org = apikey.OrgID(o.id)
	return allocated(int(unsafe.Sizeof(*r))) + r.rareWeight() + o.intern(r.permissions) + o.intern(r.services())
}

func (r *keyRecord) removeFrom(o *owner) int {
	return allocated(int(unsafe.Sizeof(*r))) + r.rareWeight() + o.unintern(r.permissions) + o.unintern(r.services())
}

func (r *keyRecord) rareWeight() int {
	if r.rare == nil {
		return 0
	}
	return allocated(int(unsafe.Sizeof(*r.rare))) + allocated(int(unsafe.Sizeof(netip.Prefix{}))*len(r.rare.allowIPs)) +
		allocated(int(unsafe.Sizeof(olderSecret{}))*len(r.rare.older))
}

// services returns the services on which the key can be used; none means all.
func (r *keyRecord) services() []string {
	if r.rare == nil {
		return nil
	}
	return r.rare.services
}

// allowIPs returns the key's address rules.
func (r *keyRecord) allowIPs() []netip.Prefix {
	if r.rare == nil {
		return nil
	}
	return r.rare.allowIPs
}

// current returns the secret that the key has now.
func (r *keyRecord) current() secret {
	if r.rare == nil {
		return secret{generation: 1}
	}
	return secret{generation: max(1, r.rare.generation)}
}

// older returns the secrets that the key had before.
func (r *keyRecord) older() []olderSecret {
	if r.rare == nil {
		return nil
	}
	return r.rare.older
}

// ends returns when the key expires; zero for never.
func (r *keyRecord) ends() time.Time { return time.UnixMilli(r.expiresOn) }

// key returns the record as the rules know it, without fields that no decision
// needs.
func (r *keyRecord) key(id uuid.UUID) apikey.Key {
	key := apikey.Key{
		ID: id, Org: r.org, Type: r.kind, Permissions: r.permissions, Narrowed: r.narrowed, Policy: r.policy, OnBehalfOf: r.onBehalfOf,
		UserPolicy: r.userPolicy, Representable: r.representable,
		Disabled: r.disabled, NotBefore: time.UnixMilli(r.notBefore), ExpiresOn: r.ends(), Digest: r.digest,
		Services: r.services(), AllowIPs: r.allowIPs(),
	}
	if r.deleted {
		key.DeletedOn = time.UnixMilli(0) // when does not matter
	}
	return key
}
