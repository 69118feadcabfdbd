package verify

import (
	"net/netip"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
	"github.com/keyward/keyward/shared/permission"
)

// keyRecord is the part of a key's record that decisions need, in a third of
// the size, because thousands are cached.
type keyRecord struct {
	org                               apikey.OrgID
	kind                              apikey.KeyType
	permissions                       permission.Set
	digest                            apikey.Digest
	policy, onBehalfOf, userPolicy    keytext.ID
	notBefore, expiresOn              int64 // milliseconds since 1970, of a zero time too
	limits                            *keyLimits
	narrowed, disabled, representable bool
}

// keyLimits holds limits that few keys have.
type keyLimits struct {
	services []string
	allowIPs []netip.Prefix
}

func newKeyRecord(key apikey.Key) *keyRecord {
	r := &keyRecord{
		org: key.Org, kind: constantOf(key.Type, apikey.TypeService, apikey.TypePersonal, apikey.TypeShared), digest: key.Digest,
		policy: key.Policy, onBehalfOf: key.OnBehalfOf, userPolicy: key.UserPolicy,
		narrowed: key.Narrowed, disabled: key.Disabled, representable: key.Representable,
		notBefore: key.NotBefore.UnixMilli(), expiresOn: key.ExpiresOn.UnixMilli(), permissions: trimmed(key.Permissions),
	}
	if len(key.Services) > 0 || len(key.AllowIPs) > 0 {
		r.limits = &keyLimits{trimmed(key.Services), trimmed(key.AllowIPs)}
	}
	return r
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
	return allocated(int(unsafe.Sizeof(*r))) + r.limitsWeight() + o.intern(r.permissions) + o.intern(r.services())
}

func (r *keyRecord) removeFrom(o *owner) int {
	return allocated(int(unsafe.Sizeof(*r))) + r.limitsWeight() + o.unintern(r.permissions) + o.unintern(r.services())
}

func (r *keyRecord) limitsWeight() int {
	if r.limits == nil {
		return 0
	}
	return allocated(int(unsafe.Sizeof(*r.limits))) + allocated(int(unsafe.Sizeof(netip.Prefix{}))*len(r.limits.allowIPs))
}

// services returns the services on which the key can be used; none means all.
func (r *keyRecord) services() []string {
	if r.limits == nil {
		return nil
	}
	return r.limits.services
}

// allowIPs returns the key's address rules.
func (r *keyRecord) allowIPs() []netip.Prefix {
	if r.limits == nil {
		return nil
	}
	return r.limits.allowIPs
}

// ends returns when the key expires; zero for never.
func (r *keyRecord) ends() time.Time { return time.UnixMilli(r.expiresOn) }

// key returns the record as the rules know it, without fields that no decision
// needs.
func (r *keyRecord) key(id keytext.ID) apikey.Key {
	return apikey.Key{
		ID: id, Org: r.org, Type: r.kind, Permissions: r.permissions, Narrowed: r.narrowed, Policy: r.policy, OnBehalfOf: r.onBehalfOf,
		UserPolicy: r.userPolicy, Representable: r.representable,
		Disabled: r.disabled, NotBefore: time.UnixMilli(r.notBefore), ExpiresOn: r.ends(), Digest: r.digest,
		Services: r.services(), AllowIPs: r.allowIPs(),
	}
}
