package dynamo

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// putSecrets stores what only a key that was rotated has: the number of its
// current secret, and its older secrets. A version that ignores them accepts the
// current secret alone, so they require no format.
func putSecrets(encoded item, key apikey.Key) {
	if key.Generation <= 1 && key.SecretOn.IsZero() && len(key.Older) == 0 {
		return
	}
	encoded["generation"] = number(key.Generation)
	encoded["secretOn"] = optionalMoment(key.SecretOn)
	encoded["older"] = list(key.Older, func(s apikey.OlderSecret) types.AttributeValue {
		encoded := item{
			"generation": number(s.Generation), "redacted": text(s.Redacted), "start": text(s.Start),
			"pepper": number(s.Digest.Pepper), "digest": binary(s.Digest.Sum[:]),
			"createdOn": moment(s.CreatedOn), "endsOn": moment(s.EndsOn),
			"awaitsUse": boolean(s.AwaitsUse), "overlap": number(int64(s.Overlap)),
		}
		if !s.ExposedOn.IsZero() {
			encoded["exposedOn"] = moment(s.ExposedOn)
		}
		return mapOf(encoded)
	})
}

// secrets reads what putSecrets stores. A key without it has its first secret.
func (r *reader) secrets(key *apikey.Key) {
	if key.Generation = 1; r.lacks("generation", "secretOn", "older") {
		return
	}
	key.Generation = int(r.number("generation", 1))
	key.SecretOn = r.optionalMoment("secretOn")
	key.Older = mapsOf(r, "older", func(r *reader) apikey.OlderSecret {
		older := apikey.OlderSecret{
			Generation: int(r.number("generation", 1)), Redacted: r.text("redacted"), Start: r.text("start"), Digest: r.digest(),
			CreatedOn: r.moment("createdOn"), EndsOn: r.moment("endsOn"),
			AwaitsUse: r.boolean("awaitsUse"), Overlap: time.Duration(r.number("overlap", 0)),
		}
		if r.has("exposedOn") {
			older.ExposedOn = r.moment("exposedOn")
		}
		return older
	})
	if len(key.Older) > apikey.MaxOlder {
		r.fail("older", "has too many elements")
	}
}
