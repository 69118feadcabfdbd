package verify

import (
	"net/netip"
	"slices"
	"time"
	"unique"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

// keyRecord is what of a key's record a decision asks for, in a third of the
// room: thousands are kept. Texts that many keys share are held once.
type keyRecord struct {
	org                  apikey.OrgID
	kind                 apikey.KeyType
	permissions          apikey.Permissions
	digest               apikey.Digest
	policy, onBehalfOf   keytext.ID
	notBefore, expiresOn int64 // milliseconds since 1970, of a zero time too
	limits               *keyLimits
	narrowed, disabled   bool
}

// keyLimits are of the few keys that have any.
type keyLimits struct {
	services []string
	allowIPs []netip.Prefix
}

func newKeyRecord(key apikey.Key) *keyRecord {
	r := &keyRecord{
		org: apikey.OrgID(once(string(key.Org))), kind: apikey.KeyType(once(string(key.Type))), digest: key.Digest,
		policy: key.Policy, onBehalfOf: key.OnBehalfOf, narrowed: key.Narrowed, disabled: key.Disabled,
		notBefore: key.NotBefore.UnixMilli(), expiresOn: key.ExpiresOn.UnixMilli(),
	}
	if len(key.Permissions) > 0 {
		r.permissions = make(apikey.Permissions, len(key.Permissions))
	}
	for i, name := range key.Permissions {
		r.permissions[i] = once(name)
	}
	if len(key.Services) > 0 || len(key.AllowIPs) > 0 {
		r.limits = &keyLimits{slices.Clone(key.Services), slices.Clone(key.AllowIPs)}
	}
	return r
}

// services are those that the key can be used on; none means all.
func (r *keyRecord) services() []string {
	if r.limits == nil {
		return nil
	}
	return r.limits.services
}

// allowIPs are the key's rules on addresses.
func (r *keyRecord) allowIPs() []netip.Prefix {
	if r.limits == nil {
		return nil
	}
	return r.limits.allowIPs
}

// ends is when the key expires; zero for never.
func (r *keyRecord) ends() time.Time { return time.UnixMilli(r.expiresOn) }

// once is a text, in the one place where the process holds it.
func once(text string) string { return unique.Make(text).Value() }

// key is the record as the rules know it, without what no rule of use asks for.
func (r *keyRecord) key(id keytext.ID) apikey.Key {
	return apikey.Key{
		ID: id, Org: r.org, Type: r.kind, Permissions: r.permissions, Narrowed: r.narrowed, Policy: r.policy, OnBehalfOf: r.onBehalfOf,
		Disabled: r.disabled, NotBefore: time.UnixMilli(r.notBefore), ExpiresOn: r.ends(), Digest: r.digest,
		Services: r.services(), AllowIPs: r.allowIPs(),
	}
}
