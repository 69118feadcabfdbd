package verify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"

	"github.com/keyward/keyward/shared/apikey"
	"github.com/keyward/keyward/shared/keytext"
)

var errDamaged = errors.New("the record is damaged")

// nameOf is what tells an API apart. Region and stage are not part of it: they
// are checked against the registration, and a flood of made-up ones must not
// cost a read each.
func nameOf(api apikey.API) apikey.API { return apikey.API{Account: api.Account, ID: api.ID} }

// service is the one that an API belongs to; nil where it belongs to none.
func (v *Verifier) service(ctx context.Context, api apikey.API) (*guarded, error) {
	name := nameOf(api)
	if service := v.builtin[name]; service != nil {
		return service, nil
	}
	return v.services.get(ctx, name, v.readService)
}

func (v *Verifier) readKey(ctx context.Context, id keytext.ID) (*keyRecord, error) {
	found, err := v.config.Reader.Read(ctx, apikey.KeyRef(id))
	if err != nil {
		return nil, unavailable("read a key", err)
	}
	key, err := found.Key(id)
	return checked("read a key", newKeyRecord(key), key.ID == id && key.Org != "", err)
}

func (v *Verifier) readService(ctx context.Context, api apikey.API) (*guarded, error) {
	found, err := v.config.Reader.Read(ctx, apikey.APIRef(api))
	if err != nil {
		return nil, unavailable("read a service", err)
	}
	service, err := found.ServiceOf(api)
	if err != nil {
		return nil, unavailable("read a service", err)
	}
	return v.guards.of(api, service), nil
}

// unavailable makes every failure but [apikey.NotFound] one of a dependency.
func unavailable(doing string, err error) error {
	if err == nil || apikey.KindOf(err) == apikey.NotFound || apikey.KindOf(err) == apikey.Unavailable {
		return err
	}
	return apikey.Failed(doing, err)
}

// decoy computes digests that stand for nothing.
type decoy struct{}

// Digest hashes message under no pepper.
func (d decoy) Digest(ctx context.Context, message []byte) (apikey.Digest, error) {
	return d.DigestWith(ctx, 0, message)
}

// DigestWith hashes message under no pepper.
func (decoy) DigestWith(_ context.Context, _ int, message []byte) (apikey.Digest, error) {
	var digest apikey.Digest
	mac := hmac.New(sha256.New, digest.Sum[:])
	mac.Write(message)
	mac.Sum(digest.Sum[:0])
	return digest, nil
}
