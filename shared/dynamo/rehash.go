package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/keyward/keyward/shared/apikey"
)

// rehashItem encodes the proposal to move a digest to a newer pepper.
func rehashItem(proposed apikey.Rehash) item {
	return item{
		"generation": number(proposed.Generation),
		"pepper":     number(proposed.To.Pepper), "digest": binary(proposed.To.Sum[:]),
		"fromPepper": number(proposed.From.Pepper), "fromDigest": binary(proposed.From.Sum[:]),
	}
}

// rehash reads a proposal; the zero one if there is none.
func (r *reader) rehash(attribute string) (proposed apikey.Rehash) {
	if !r.has(attribute) {
		return proposed
	}
	member, ok := r.item[attribute].(*types.AttributeValueMemberM)
	if !ok {
		r.fail(attribute, "is not a map")
		return proposed
	}
	inner := &reader{item: member.Value}
	proposed.Generation, proposed.To = int(inner.number("generation", 1)), inner.digest()
	from := &reader{item: item{"pepper": member.Value["fromPepper"], "digest": member.Value["fromDigest"]}}
	if proposed.From = from.digest(); inner.err != nil || from.err != nil {
		r.fail(attribute, "is damaged")
	}
	return proposed
}
