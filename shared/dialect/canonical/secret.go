package canonical

import (
	"time"

	"github.com/keyward/keyward/shared/apikey"
)

// Secret is one of a key's secrets, as far as it may be shown.
type Secret struct {
	Start        string `json:"start" doc:"The first 10 characters of the key with this secret."`
	Redacted     string `json:"redacted" doc:"The first 9 characters of the key with this secret, '...', and its last 6."`
	CreatedOn    string `json:"createdOn" format:"date-time"`
	EndsOn       string `json:"endsOn,omitzero" format:"date-time" doc:"The secret is refused from this time on. Absent for the current secret."`
	LastUsedOn   string `json:"lastUsedOn,omitzero" format:"date-time" doc:"When the secret was last used, right within five minutes. Absent if never, and in answers that change a key."`
	LastUsedFrom string `json:"lastUsedFrom,omitzero" doc:"The IP address of that use. Absent if the gateway did not say."`
	// Overlap is nil unless the secret waits for the first use of the current one.
	Overlap *int `json:"overlapSeconds,omitzero" doc:"The secret ends this many seconds after the current one is first used, or on endsOn if that is earlier. Absent once that use was seen, within five minutes, and without overlapFrom firstUse."`
}

// RotateBody is the body of POST .../rotate. Without it, the previous secret
// ends at once.
type RotateBody struct {
	Overlap int     `json:"overlapSeconds" doc:"For how many more seconds the previous secret works: 0 to 2592000 (30 days), and not beyond the key's expiresOn. Default: 0, which ends it at once."`
	From    *string `json:"overlapFrom" enum:"now,firstUse" doc:"When overlapSeconds start. now: with this request. firstUse: when the new secret is first used; until then the previous one works, for at most 30 days and not beyond the key's expiresOn. Default: now."`
}

// Omissible is a body without which a request is complete.
type Omissible interface{ omissible() }

func (RotateBody) omissible() {}

const (
	fromNow  = "now"
	firstUse = "firstUse"
)

// Check returns a fault if the overlap starts at no known time.
func (b RotateBody) Check() []apikey.FieldError {
	if b.From == nil || *b.From == fromNow || *b.From == firstUse {
		return nil
	}
	return []apikey.FieldError{{Field: "overlapFrom", Code: apikey.FieldValue, Detail: "overlapFrom must be " + fromNow + " or " + firstUse + "."}}
}

// Rotation returns the body as the rules take it.
func (b RotateBody) Rotation() apikey.Rotation {
	const tooMuch = int(apikey.MaxOverlap/time.Second) + 1 // more would not fit into a duration
	return apikey.Rotation{Overlap: time.Duration(min(max(b.Overlap, -1), tooMuch)) * time.Second, FromFirstUse: b.From != nil && *b.From == firstUse}
}

// secretsOf returns the secrets of a key that was rotated, and their last uses.
func secretsOf(key apikey.Key, uses apikey.LastUse) []Secret {
	if key.Generation <= 1 {
		return nil
	}
	current := uses.SecretUse(key.Generation)
	secrets := []Secret{{
		Start: key.Start, Redacted: key.Redacted, CreatedOn: Time(key.CurrentSecretOn()), LastUsedOn: Time(current.On), LastUsedFrom: Address(current.From),
	}}
	for _, old := range key.Older {
		use := uses.SecretUse(old.Generation)
		form := Secret{
			Start: old.Start, Redacted: old.Redacted, CreatedOn: Time(old.CreatedOn), EndsOn: Time(old.EndsOn), LastUsedOn: Time(use.On), LastUsedFrom: Address(use.From),
		}
		if old.AwaitsUse {
			form.Overlap = new(int(old.Overlap / time.Second))
		}
		secrets = append(secrets, form)
	}
	return secrets
}
